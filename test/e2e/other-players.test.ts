import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { encodeChunk } from '../../wire/chunk.ts';

const run = promisify(execFile);
const hasFfmpeg =
  spawnSync('ffprobe', ['-version']).status === 0 && spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.log('ffmpeg and ffprobe are not here: the tests that ask them are skipped');

let demo: Demo;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'conf-listener-'));
  demo = await startDemo({ port: 0, relay: { 'log-level': 'error' } });
});

afterAll(async () => {
  await demo.close();
  rmSync(dir, { recursive: true });
});

describe.skipIf(!hasFfmpeg)('asked of ffmpeg', () => {
  test('a chunk written to disk is 16 kHz mono s16 of 100 ms', async () => {
    const file = join(dir, 'chunk.wav');
    const pcm = new Uint8Array(3200).map((_, n) => n);
    const place = { epoch: 1, firstSample: 0, sequence: 0, gapBefore: false, padded: false };
    writeFileSync(file, encodeChunk({ ...place, sampleRate: 16_000, pcm }));
    const entries = 'stream=codec_name,sample_rate,channels,duration';
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'json', file]);
    expect(JSON.parse(stdout)).toMatchObject({
      streams: [{ codec_name: 'pcm_s16le', sample_rate: '16000', channels: 1, duration: '0.100000' }],
    });
  });

  test('10 s of stream.wav decode without an error, as fast as they are spoken', async () => {
    const url = `${demo.url}/v1/rooms/allhands/stream.wav`;
    const startedMs = performance.now();
    const { stderr } = await run('ffmpeg', [
      '-v',
      'error',
      '-i',
      url,
      '-t',
      '10',
      '-f',
      's16le',
      join(dir, 'out.raw'),
    ]);
    const tookMs = performance.now() - startedMs;
    const { stdout } = await run('sh', ['-c', `wc -c < ${join(dir, 'out.raw')}`]);
    expect([stderr, Number(stdout)]).toEqual(['', 10 * 48_000 * 2 * 2]);
    expect(tookMs).toBeGreaterThan(8000);
    expect(tookMs).toBeLessThan(16_000);
  }, 30_000);
});
