import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM_ARGS, findChromium } from './browser.js';

/** A real Chromium. Sound needs a click, as with people, unless `autoplay` says otherwise. */
export async function launchChromium({ autoplay = false } = {}): Promise<Browser> {
  const args = CHROMIUM_ARGS.filter((flag) => autoplay || !flag.startsWith('--autoplay-policy'));
  return chromium.launch({ executablePath: await findChromium(), args });
}
