import type { Browser } from 'playwright-core';
import { launchChromium, type LaunchOptions } from './chromium.ts';
import { SceneRelay } from './scene-relay.ts';

/** A relay whose rooms never change, and a browser to look at them with. */
export class SceneStage {
  readonly relay: SceneRelay;
  readonly browser: Browser;

  private constructor(relay: SceneRelay, browser: Browser) {
    this.relay = relay;
    this.browser = browser;
  }

  static async open(options?: LaunchOptions): Promise<SceneStage> {
    const [relay, browser] = await Promise.all([SceneRelay.start(), launchChromium(options)]);
    return new SceneStage(relay, browser);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.relay.close();
  }
}
