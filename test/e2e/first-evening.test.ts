import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAccount } from '../../demo/account.ts';
import { freePort } from '../../demo/free-port.ts';
import { startSimulator, type Simulator } from '../../demo/simulator/simulator.ts';
import { allHands } from '../../demo/voice/recording.ts';
import { decodeChunk, type Chunk } from '../../wire/chunk.ts';
import { installPacked, type Project } from '../support/packed.ts';
import { until } from '../support/until.ts';

const SAMPLE_RATE = 16_000;
const FRAME_SAMPLES = 320;
const HEARD_FRAMES = 100;
/** No noise of a line is so loud. */
const LOUD = 3000;
/** The conference is not older than that when the first listener comes, in frames: a minute. */
const CONFERENCE_FRAMES = 3000;

/** All that the package brings along, as an installation of it does. */
const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
);

let project: Project;
let home: string;
let simulator: Simulator;
let relay: ChildProcess | undefined;

beforeEach(async () => {
  project = await installPacked();
  project.use(...Object.keys(manifest.dependencies));
  home = mkdtempSync(join(tmpdir(), 'conf-evening-'));
}, 60_000);
afterEach(async () => {
  relay?.kill('SIGKILL');
  await simulator?.close();
  project?.remove();
  rmSync(home, { recursive: true, force: true });
});

test('init, check, serve: a listener hears what is said, sample by sample; the console answers, and SIGTERM ends it with 0', async () => {
  const [port, adminPort, account, voice] = [await freePort(), await freePort(), createAccount(), allHands()];
  const url = `http://127.0.0.1:${port}`;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  simulator = await startSimulator({
    ...account,
    answerUrl: `${url}/vonage/answer`,
    eventUrl: `${url}/vonage/event`,
    source: voice,
  });
  // The simulator in the platform's place; nothing else of this machine's environment.
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    CONF_PORT: String(port),
    CONF_ADMIN_PORT: String(adminPort),
    CONF_VONAGE_API_HOST: simulator.url,
    CONF_VONAGE_REST_HOST: simulator.url,
  };
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [join(project.packageDir, 'dist/relay/cli.js'), ...args], { cwd: home, env });
  const run = async (args: readonly string[], input: readonly string[] = []) => {
    const child = start(...args);
    let [out, err] = ['', ''];
    child.stdout?.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr?.on('data', (part: Buffer) => (err += part.toString()));
    child.stdin?.end(input.map((line) => `${line}\n`).join(''));
    const [code] = await once(child, 'close');
    return { code, out, err };
  };

  // What the guide's table of questions says, in its order.
  writeFileSync(join(home, 'private.key'), account.privateKey);
  const { applicationId, apiKey, signatureSecret, apiSecret } = account;
  const answers = [
    url,
    applicationId,
    '',
    apiKey,
    signatureSecret,
    apiSecret,
    '442079460000',
    '',
    '',
    '',
    '',
  ];
  expect(await run(['init'], answers)).toMatchObject({ code: 0, err: '' });

  const checked = await run(['check']);
  expect(checked).toMatchObject({ code: 0, err: '', out: expect.not.stringMatching(/FAIL|^--/m) });

  relay = start('serve');
  let log = '';
  relay.stdout?.on('data', (part: Buffer) => (log += part.toString()));
  relay.stderr?.on('data', (part: Buffer) => (log += part.toString()));
  await until('the relay listens', () => log.includes('"relay.listening"'));
  expect(await run(['check'])).toMatchObject({ code: 0, err: '' });

  const ticket = (await run(['token', 'allhands', '--ttl', '8h'])).out.split('\n')[0] ?? '';
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/rooms/allhands/listen`, [
    'conf.v1',
    `bearer.${ticket}`,
  ]);
  const chunks: Chunk[] = [];
  socket.on('message', (data, isBinary) => {
    const reading = isBinary && Buffer.isBuffer(data) ? decodeChunk(data) : undefined;
    if (reading?.kind === 'chunk') chunks.push(reading.chunk);
  });
  await until('two seconds of speech', () => framesOf(chunks).length >= HEARD_FRAMES, 20_000);

  const heard = framesOf(chunks);
  const says = (source: number, samples: Int16Array): boolean =>
    voice.frameAt(source, SAMPLE_RATE).every((sample, n) => sample === samples[n]);
  // Where the conference was when the leg came in; then every frame must follow.
  const loud = heard.find(({ samples }) => samples.some((sample) => Math.abs(sample) > LOUD)) ?? heard[0];
  const begin = Array.from({ length: CONFERENCE_FRAMES }, (_, n) => n).find(
    (source) => loud && says(source, loud.samples),
  );
  const offset = (begin ?? Number.NaN) - (loud?.frame ?? 0);
  const wrong = heard.filter(({ frame, samples }) => !says(frame + offset, samples));
  expect(wrong.map(({ frame }) => frame)).toEqual([]);
  expect(heard.length).toBeGreaterThanOrEqual(HEARD_FRAMES);

  expect((await run(['rooms'])).out).toMatch(/^allhands +live +1 \(peak 1\) +0:00:\d\d$/m);
  const page = await fetch(`${adminUrl}/admin`);
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/html'),
  ]);
  const key = /^CONF_ADMIN_KEY=(.+)$/m.exec(readFileSync(join(home, '.env'), 'utf8'))?.[1];
  const status = await fetch(`${adminUrl}/v1/status`, { headers: { Authorization: `Bearer ${key}` } });
  expect(await status.json()).toMatchObject({
    listeners: { now: 1 },
    history: 'on',
    rooms: [{ room: 'allhands', state: 'live', listeners: { now: 1 } }],
  });

  relay.kill('SIGTERM');
  const [[code]] = await Promise.all([once(relay, 'exit'), once(socket, 'close')]);
  expect(code).toBe(0);
  expect(simulator.legs().map(({ closedAtMs }) => typeof closedAtMs)).toEqual(['number']);
  expect(log).not.toMatch(/"level":[56]0/);
}, 90_000);

/** Whole frames of the chunks, by their number since the leg began. */
function framesOf(chunks: readonly Chunk[]): { frame: number; samples: Int16Array }[] {
  return chunks.flatMap(({ firstSample, pcm }) => {
    const samples = new Int16Array(new Uint8Array(pcm).buffer);
    return Array.from({ length: samples.length / FRAME_SAMPLES }, (_, n) => ({
      frame: firstSample / FRAME_SAMPLES + n,
      samples: samples.subarray(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES),
    }));
  });
}
