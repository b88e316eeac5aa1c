import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';

let house: House;
beforeAll(async () => (house = await House.open()));
afterAll(() => house.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(house.url + path, init);

/** Status and stable code of a refusal, asked for with this very path: `fetch` would tidy it up. */
function refusal(path: string, method = 'GET'): Promise<[number | undefined, string | undefined, unknown]> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: house.port, path, method }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => {
        const body: unknown = JSON.parse(text);
        const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
        resolve([response.statusCode, response.headers['content-type'], code]);
      });
    });
    asked.once('error', reject).end();
  });
}

describe('a room’s public status', () => {
  test('of an idle room has every field, for pages of any origin', async () => {
    const response = await get('/v1/rooms/allhands');
    expect(await response.json()).toEqual({
      room: 'allhands',
      title: 'All <hands>',
      state: 'idle',
      epoch: null,
      sampleRate: null,
      chunkMs: 100,
      mediaMs: null,
      listeners: 0,
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('does not tell how many listen where the room does not show it', async () => {
    expect(await (await get('/v1/rooms/board')).json()).not.toHaveProperty('listeners');
  });
});

describe('what is not there', () => {
  test.each([
    ['/v1/rooms/unknown', 401, 'ticket-refused'],
    ['/v1/rooms/..', 400, 'bad-room-id'],
    ['/v1/rooms/%2e%2e%2f', 400, 'bad-room-id'],
    ['/v1/rooms/__proto__', 400, 'bad-room-id'],
    ['/v1/rooms/A', 400, 'bad-room-id'],
    [`/v1/rooms/${'a'.repeat(65)}`, 400, 'bad-room-id'],
    ['/v1/rooms/%C3%A9', 400, 'bad-room-id'],
    ['/v1/rooms/%00', 400, 'bad-room-id'],
    ['/v1/rooms/%zz', 400, 'bad-room-id'],
    ['/v1/rooms/a%0d%0ab', 400, 'bad-room-id'],
    ['/listen/..%2f', 400, 'bad-room-id'],
    ['/v1/rooms/constructor', 401, 'ticket-refused'],
    ['/v1/rooms/unknown/stream.wav', 401, 'ticket-refused'],
    ['/', 404, 'not-found'],
    ['/v1/rooms', 404, 'not-found'],
    ['/vonage/event', 404, 'not-found'],
    ['/../../etc/passwd', 404, 'not-found'],
    ['/v1/rooms/allhands/listen', 404, 'not-found'],
  ])('%s is %i %s, as problem+json', async (path, status, code) => {
    expect(await refusal(path)).toEqual([status, 'application/problem+json', code]);
  });

  test('a method that is not served is 405', async () => {
    expect((await refusal('/v1/rooms/allhands', 'POST')).slice(0, 3)).toEqual([
      405,
      'application/problem+json',
      'method-not-allowed',
    ]);
  });
});

describe('pages', () => {
  test('/healthz says ok', async () => {
    const response = await get('/healthz');
    expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  });

  test('/listen/{room} escapes the title, runs only its own script and is framed by nobody', async () => {
    const response = await get('/listen/allhands');
    const html = await response.text();
    expect(html).toContain('<title>All &#60;hands&#62;</title>');
    expect(html).toContain('<conf-listener room="allhands"');
    expect(html).not.toContain('<hands>');
    expect(html).not.toMatch(/\sstyle=|<style|<script>(?!<)/);
    const policy = response.headers.get('content-security-policy')?.split('; ') ?? [];
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy.join()).not.toMatch(/unsafe|blob:|data:/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('/embed/{room} may be framed by anybody, also under COEP', async () => {
    const { headers } = await get('/embed/allhands');
    expect(headers.get('content-security-policy')).toContain('frame-ancestors *');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('permissions-policy')).toBe('autoplay=*');
  });

  test.each(['/conf-listener.js', '/v1/conf-listener.js'])(
    '%s is a module for pages of any origin',
    async (path) => {
      const response = await get(path);
      expect([response.status, (await response.text()).startsWith('export')]).toEqual([200, true]);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': expect.stringMatching(/^(text|application)\/javascript/),
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'timing-allow-origin': '*',
        'cache-control': 'public, max-age=300, stale-while-revalidate=86400',
        'x-content-type-options': 'nosniff',
      });
      const etag = response.headers.get('etag') ?? '';
      expect((await get(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    },
  );
});

/** The first `bytes` of a stream, then hangs up. */
async function first(response: Response, bytes: number): Promise<Buffer> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  for (let sum = 0; sum < bytes;) {
    const value = (await reader?.read())?.value;
    if (!value) break;
    parts.push(value);
    sum += value.length;
  }
  await reader?.cancel();
  return Buffer.concat(parts);
}

describe('the plain stream', () => {
  test('begins with its header at once, and the last second of a live room follows: 48 kHz stereo', async () => {
    const mouth = await house.publish();
    mouth.speak(1000);
    await until('live', () => house.log.of('room.state').at(-1)?.['state'] === 'live');
    const response = await get('/v1/rooms/allhands/stream.wav');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    const bytes = await first(response, 44 + 192_000);
    expect(bytes.subarray(0, 4).toString()).toBe('RIFF');
    expect([bytes.readUInt16LE(22), bytes.readUInt32LE(24)]).toEqual([2, 48_000]);
    expect(bytes.length).toBe(44 + 192_000);
    expect(
      Math.max(...new Int16Array(bytes.subarray(44 + 96_000, 44 + 192_000).slice().buffer)),
    ).toBeGreaterThan(7000);
    await until('it has left', () => house.relay.listeners() === 0);
    mouth.socket.close();
    await mouth.end();
  });

  test('whose head alone is asked for has no listener: a link checker places no call', async () => {
    const response = await get('/v1/rooms/allhands/stream.wav', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(house.relay.listeners()).toBe(0);
  });

  test('of a room with tickets is 401 without, 200 with', async () => {
    const path = '/v1/rooms/board/stream.wav';
    expect(await refusal(path)).toEqual([401, 'application/problem+json', 'ticket-refused']);
    const Authorization = `Bearer ${await house.ticket('board')}`;
    const response = await get(path, { headers: { Authorization } });
    expect(response.status).toBe(200);
    await first(response, 44);
    await until('it has left', () => house.relay.listeners() === 0);
  });

  test('100 clients who vanish while their ticket is checked leave no listener behind', async () => {
    await house.vanishing(100);
    await get('/healthz');
    await until('nobody is left', () => house.relay.listeners() === 0);
  });
});

const PROBES =
  spawnSync('ffprobe', ['-version']).status === 0 && spawnSync('ffmpeg', ['-version']).status === 0;

describe.skipIf(!PROBES)('as other programs see it (needs ffmpeg and ffprobe)', () => {
  test('a chunk from the wire is a WAV file: pcm_s16le, 16 kHz, mono, 0.1 s', async () => {
    const mouth = await house.publish();
    const ear = await house.listen();
    mouth.speak(100);
    await until('a chunk', () => ear.files.length === 1);
    const entries = 'stream=codec_name,sample_rate,channels,duration';
    const probed = spawnSync(
      'ffprobe',
      ['-v', 'error', '-show_entries', entries, '-of', 'default=nw=1', '-f', 'wav', 'pipe:0'],
      { input: ear.files[0] },
    );
    expect(probed.stdout.toString().trim().split('\n')).toEqual([
      'codec_name=pcm_s16le',
      'sample_rate=16000',
      'channels=1',
      expect.stringMatching(/^duration=(0\.100000|N\/A)$/),
    ]);
    const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], {
      input: ear.files[0],
    });
    expect(decoded.stdout.length).toBe(3200);
    mouth.socket.close();
    await mouth.end();
    ear.socket.close();
    await ear.end();
  });

  test('ffmpeg decodes the first second of the plain stream without a word', async () => {
    const mouth = await house.publish();
    mouth.speak(1000);
    await until('live', () => house.log.of('room.state').at(-1)?.['state'] === 'live');
    const bytes = await first(await get('/v1/rooms/allhands/stream.wav'), 44 + 192_000);
    const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], {
      input: bytes,
      maxBuffer: 1e7,
    });
    expect([decoded.stdout.length, decoded.stderr.toString()]).toEqual([192_000, '']);
    mouth.socket.close();
    await mouth.end();
  });
});
