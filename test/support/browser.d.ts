/** Flags for a quiet headless Chromium. */
export const CHROMIUM_ARGS: readonly string[];
/** Path of a Chromium: CHROME_PATH, an installed Chrome, Playwright's, or the one in @sparticuz/chromium. */
export function findChromium(): Promise<string>;
