// npm run test:engines: the element's tests in Firefox and WebKitGTK, where they are installed; says what is not.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasPulseAudio, startSoundServer } from './support/sound-server.js';

/** A run takes 6 minutes; one that takes so long hangs. */
const HANGS_AFTER_MS = 900_000;

const sound = hasPulseAudio ? await startSoundServer() : undefined;
if (!sound)
  console.log(
    'PulseAudio is not here: Firefox is left out (Debian: apt-get install pulseaudio pulseaudio-utils)',
  );
const env = { ...process.env, ...(sound && { PULSE_SERVER: sound.address }) };

/** A process and all that it has started; browsers are in groups of their own. */
function treeOf(pid) {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const below = (one) => [
    one,
    ...pairs.filter(([, parent]) => parent === one).flatMap(([child]) => below(child)),
  ];
  return below(pid);
}

/** The exit code; undefined where a browser hung: now and then Firefox does not leave a page that had a sound device. */
async function run() {
  const args = ['wtr', '--config', 'web-test-runner.engines.config.js', '--static-logging'];
  const child = spawn('npx', args, { env, stdio: 'inherit' });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    for (const pid of treeOf(child.pid)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
  }, HANGS_AFTER_MS);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  return hung ? undefined : (code ?? 1);
}

let code = await run();
if (code === undefined) {
  console.log(`a browser hung for ${HANGS_AFTER_MS / 60_000} minutes: once more, and then no more`);
  code = await run();
}
await sound?.close();
process.exitCode = code ?? 1;
