import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM_ARGS, findChromium } from './browser.js';

/** How a Chromium is started. */
export interface LaunchOptions {
  /** Sound without a click. Default: off. */
  autoplay?: boolean;
  /** More command-line flags. */
  flags?: readonly string[];
  /** More environment. */
  env?: Readonly<Record<string, string>>;
  /** Plays to the sound device instead of nowhere. Default: off. */
  audible?: boolean;
}

/** A real Chromium. Sound needs a click, as with people, unless `autoplay` says otherwise. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const { autoplay = false, flags = [], env = {}, audible = false } = options;
  const args = CHROMIUM_ARGS.filter((flag) => autoplay || !flag.startsWith('--autoplay-policy'));
  return chromium.launch({
    executablePath: await findChromium(),
    args: [...args, ...flags],
    env: { ...process.env, ...env },
    ...(audible && { ignoreDefaultArgs: ['--mute-audio'] }),
  });
}
