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
const browsers = [...(FIREFOX ? [firefox()] : []), ...(hasWebKit ? [webkitLauncher()] : [])];
for (const [engine, here, packages] of [
  ['Firefox', FIREFOX, 'firefox-esr pulseaudio pulseaudio-utils'],
  ['WebKitGTK', hasWebKit, 'webkit2gtk-driver xvfb'],
]) {
  console.log(here ? `running: ${engine}` : `not running ${engine}: on Debian, apt-get install ${packages}`);
}
if (browsers.length === 0) process.exit(0);

/** The element's tests in the engines that `npm test` leaves out. One after the other: on one sound server they hang. */
export default { ...base, concurrency: 1, concurrentBrowsers: 1, browsers };
