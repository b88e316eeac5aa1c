// npm run test:engines: the element's tests in Firefox and WebKitGTK, where they are installed; says what is not.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasPulseAudio, startSoundServer } from './support/sound-server.js';

/** A run takes 4 minutes; one that takes so long hangs. */
const HANGS_AFTER_MS = 900_000;

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

/** The exit code; undefined where the browser hung: now and then Firefox does not leave a page that had a sound device. */
async function run(env) {
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

/** An engine has a sound server of its own: of two on one, Firefox hung. Gives the exit code. */
async function runEngine(engine) {
  const sound = hasPulseAudio ? await startSoundServer() : undefined;
  const env = { ...process.env, ENGINE: engine, ...(sound && { PULSE_SERVER: sound.address }) };
  try {
    const code = await run(env);
    if (code !== undefined) return code;
    console.log(`${engine} hung for ${HANGS_AFTER_MS / 60_000} minutes: once more, and then no more`);
    return (await run(env)) ?? 1;
  } finally {
    await sound?.close();
  }
}

if (!hasPulseAudio)
  console.log(
    'PulseAudio is not here: Firefox is left out (Debian: apt-get install pulseaudio pulseaudio-utils)',
  );
const codes = await Promise.all(['Firefox', 'WebKitGTK'].map(runEngine));
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
