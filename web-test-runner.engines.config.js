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

/** Those that can run here, of the one that ENGINE names, or of all. */
const ENGINES = [
  {
    name: 'Firefox',
    launcher: FIREFOX && firefox,
    packages: 'firefox-esr pulseaudio pulseaudio-utils',
  },
  {
    name: 'WebKitGTK',
    launcher: has('which', 'WebKitWebDriver') && has('which', 'Xvfb') && webkitLauncher,
    packages: 'webkit2gtk-driver xvfb',
  },
].filter(({ name }) => (process.env.ENGINE ?? name) === name);

const browsers = ENGINES.flatMap(({ name, launcher, packages }) => {
  console.log(launcher ? `running: ${name}` : `not running ${name}: on Debian, apt-get install ${packages}`);
  return launcher ? [launcher()] : [];
});
if (browsers.length === 0) process.exit(0);

/** The element's tests in the engines that `npm test` leaves out. Two on one sound server hang: one after the other. */
export default { ...base, concurrency: 1, concurrentBrowsers: 1, browsers };
