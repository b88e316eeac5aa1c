import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromeLauncher } from '@web/test-runner-chrome';
import base from './web-test-runner.config.js';
import { webkitLauncher } from './test/support/webkit-launcher.js';

/** Whether a program answers on this machine. */
const has = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Firefox's audio clock stands still without a sound server: test/engines.js starts one and names it here. */
const FIREFOX = process.env.PULSE_SERVER
  ? ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path))
  : undefined;

function firefox() {
  const launcher = chromeLauncher({
    launchOptions: {
      browser: 'firefox',
      executablePath: FIREFOX,
      headless: true,
      extraPrefsFirefox: {
        'media.autoplay.default': 0,
        'media.autoplay.blocking_policy': 0,
        'media.cubeb.sandbox': false,
      },
    },
  });
  launcher.name = 'Firefox';
  return launcher;
}

const hasWebKit = has('which', 'WebKitWebDriver') && has('which', 'Xvfb');
const missing = [
  ...(FIREFOX ? [] : ['Firefox (Debian: apt-get install firefox-esr pulseaudio)']),
  ...(hasWebKit ? [] : ['WebKitGTK (Debian: apt-get install webkit2gtk-driver xvfb)']),
];
for (const engine of missing) console.log(`not run, for it is not installed: ${engine}`);

/** The files that hold in every engine: what is rendered, and what is drawn. */
export default {
  ...base,
  files: ['test/component/**/*.test.ts'],
  concurrency: 1,
  browsers: [...base.browsers, ...(FIREFOX ? [firefox()] : []), ...(hasWebKit ? [webkitLauncher()] : [])],
};
