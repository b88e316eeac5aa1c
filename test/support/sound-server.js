import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const READY_WITHIN_MS = 20_000;

export const hasPulseAudio =
  spawnSync('pulseaudio', ['--version']).status === 0 && spawnSync('pactl', ['--version']).status === 0;

export async function startSoundServer() {
  const dir = mkdtempSync(join(tmpdir(), 'sound-server-'));
  const socket = join(dir, 'pulse.sock');
  const child = spawn(
    'pulseaudio',
    [
      '-n',
      '--daemonize=no',
      '--exit-idle-time=-1',
      '--use-pid-file=no',
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
    ],
    { stdio: 'ignore', env: { ...process.env, HOME: dir, XDG_RUNTIME_DIR: dir } },
  );
  const address = `unix:${socket}`;
  const pactl = (...args) =>
    run('pactl', args, { timeout: 10_000, env: { ...process.env, PULSE_SERVER: address } });
  const giveUpMs = performance.now() + READY_WITHIN_MS;
  while (!(await pactl('info').catch(() => undefined))) {
    if (performance.now() > giveUpMs) {
      child.kill();
      throw new Error(`PulseAudio did not come up within ${READY_WITHIN_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  let moduleId = '';
  const plug = async () => {
    moduleId = (await pactl('load-module', 'module-null-sink', 'rate=48000', 'channels=2')).stdout.trim();
  };
  await plug();
  return {
    address,
    plug,
    unplug: () => pactl('unload-module', moduleId),
    players: async () =>
      (await pactl('list', 'short', 'sink-inputs')).stdout.trim().split('\n').filter(Boolean).length,
    close: async () => {
      // It may have died before.
      if (child.exitCode === null && child.signalCode === null) {
        child.kill();
        await once(child, 'exit');
      }
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
