// npm run test:engines: the element's tests in Firefox and WebKitGTK, where they are installed; says what is not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasPulseAudio, startSoundServer } from './support/sound-server.js';

const sound = hasPulseAudio ? await startSoundServer() : undefined;
if (!sound)
  console.log(
    'PulseAudio is not here: Firefox is left out (Debian: apt-get install pulseaudio pulseaudio-utils)',
  );
const env = { ...process.env, ...(sound && { PULSE_SERVER: sound.address }) };
const args = ['wtr', '--config', 'web-test-runner.engines.config.js', '--static-logging'];
const [code] = await once(spawn('npx', args, { env, stdio: 'inherit' }), 'exit');
await sound?.close();
process.exitCode = code ?? 1;
