import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../demo/free-port.ts';
import { until } from '../support/until.ts';
import { ticketsBy } from '../support/tickets.ts';
import { Witness } from '../support/witness.ts';
import { SECRET } from './house.ts';

const CLI = join(import.meta.dirname, '../../dist/relay/cli.js');
const COLLECTING = join(import.meta.dirname, '../support/collecting.js');

/** `conf-relay serve` in a process of its own. */
class Served {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it printed, both streams. */
  printed = '';
  ended: { code: number | null; signal: string | null; atMs: number } | undefined;

  private constructor(port: number, nodeFlags: string[], flags: string[]) {
    this.url = `http://127.0.0.1:${port}`;
    const args = [...nodeFlags, CLI, 'serve', '--port', String(port), ...flags];
    const env = {
      ...process.env,
      CONF_TICKET_SECRET: SECRET,
      CONF_HISTORY: 'false',
      CONF_RETRY_WINDOW_MS: '4000',
      CONF_LIMITS_JOINS_PER_SEC: '10000',
    };
    this.child = spawn(process.execPath, args, { env });
    this.child.stdout?.on('data', (text: Buffer) => (this.printed += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.printed += text.toString()));
    this.child.once('exit', (code, signal) => (this.ended = { code, signal, atMs: performance.now() }));
  }

  static async start(nodeFlags: string[] = [], flags: string[] = []): Promise<Served> {
    const served = new Served(await freePort(), nodeFlags, flags);
    await until('it listens', () => served.lines('relay.listening').length === 1);
    return served;
  }

  /** Its log lines of one event. */
  lines(event: string): string[] {
    return this.printed.split('\n').filter((line) => line.includes(`"event":"${event}"`));
  }

  /** Listeners of the open room, all greeted. */
  async listeners(count: number): Promise<Witness[]> {
    const witnesses = Array.from({ length: count }, () => new Witness(this.url, 'allhands'));
    await until('all are greeted', () => witnesses.every(({ messages }) => messages.length > 0));
    return witnesses;
  }

  /** The exit code, and how long after `sinceMs` it came, ms. */
  async end(sinceMs: number): Promise<{ code: number | null; tookMs: number }> {
    await until('it has ended', () => this.ended !== undefined, 30_000);
    const { code, atMs } = this.ended ?? { code: null, atMs: Number.NaN };
    return { code, tookMs: atMs - sinceMs };
  }
}

let served: Served | undefined;
const witnesses: Witness[] = [];
afterEach(async () => {
  for (const { socket } of witnesses.splice(0)) socket.terminate();
  if (served && !served.ended) {
    served.child.kill('SIGKILL');
    await once(served.child, 'exit');
  }
});

/** The status of `/readyz`, or undefined when nobody answers. */
async function readiness(url: string): Promise<number | undefined> {
  try {
    return (await fetch(`${url}/readyz`)).status;
  } catch {
    return undefined; // it has ended: nobody listens there any more
  }
}

describe.skipIf(process.platform !== 'linux')('memory, as Linux tells it', () => {
  test('10 × 1000 who come, and of whom every second vanishes without a word, leave no handle and less than 5 MB', async () => {
    served = await Served.start(['--expose-gc', '--import', COLLECTING]);
    const { url, child } = served;
    const proc = `/proc/${child.pid}`;
    const handles = () => readdirSync(`${proc}/fd`).length;
    const rssKb = () => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1]);
    const churn = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        const these = await served?.listeners(250);
        for (const [n, { socket }] of (these ?? []).entries()) {
          if (n % 2 === 0) socket.close();
          else socket.terminate();
        }
        await until('all are out', () => handles() <= atRest);
      }
    };
    await readiness(url);
    const atRest = handles();
    // What the process grows by once, it keeps: the first thousands warm it up.
    for (let n = 0; n < 5; n++) await churn();
    child.kill('SIGUSR2');
    await readiness(url);
    const before = rssKb();
    for (let n = 0; n < 10; n++) {
      await churn();
      // Node 24 otherwise lets its young heap grow, and that is no leak.
      child.kill('SIGUSR2');
    }
    await until('its memory is back within 5 MB', () => {
      child.kill('SIGUSR2');
      return rssKb() - before < 5 * 1024;
    });
    expect(handles()).toBeLessThanOrEqual(atRest);
  }, 60_000);
});

describe('SIGTERM', () => {
  test('with 50 listeners of whom one never answers: bye to all, each with its moment, 4000; /readyz is 503; exit 0', async () => {
    served = await Served.start();
    const { url, child } = served;
    witnesses.push(...(await served.listeners(50)));
    const answering = witnesses.slice(1);
    // It has its bye only when it reads again; until then the relay waits for it.
    witnesses[0]?.socket.pause();
    expect(await readiness(url)).toBe(200);

    const startMs = performance.now();
    child.kill('SIGTERM');
    await until('the 49 are closed', () => answering.every(({ closeCode }) => closeCode !== undefined));
    expect([await readiness(url), (await fetch(`${url}/healthz`)).status]).toEqual([503, 200]);
    const late = new Witness(url, 'allhands');
    witnesses.push(late);
    const [refusal] = await once(late.socket, 'unexpected-response').then(([, response]) => [response]);
    expect(refusal.statusCode).toBe(503);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    const stream = await fetch(`${url}/v1/rooms/allhands/stream.wav`);
    expect([stream.status, await stream.text()]).toEqual([
      503,
      expect.stringContaining('"code":"shutting-down"'),
    ]);

    expect(await served.end(startMs)).toEqual({ code: 0, tookMs: expect.any(Number) });
    expect((served.ended?.atMs ?? Infinity) - startMs).toBeLessThan(8000);
    const byes = answering.map(({ messages }) => messages.at(-1));
    const moments = byes.map((bye) => (bye?.type === 'bye' ? (bye.retryInMs ?? -1) : -1));
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...moments)).toBeLessThanOrEqual(4000);
    expect(new Set(moments).size).toBeGreaterThan(40);
    expect(new Set(answering.map(({ closeCode }) => closeCode))).toEqual(new Set([4000]));
    expect(served.lines('relay.closed')).toHaveLength(1);
    expect(served.printed).not.toContain('    at ');
    expect(served.printed).not.toContain(SECRET);
  }, 30_000);

  test('twice ends it at once with code 1, though a listener does not answer its close', async () => {
    served = await Served.start();
    const { url, child } = served;
    witnesses.push(...(await served.listeners(2)));
    witnesses[0]?.socket.pause();
    child.kill('SIGTERM');
    await until('one is closed', () => witnesses[1]?.closeCode === 4000);
    expect(await readiness(url)).toBe(503);
    const secondMs = performance.now();
    child.kill('SIGTERM');
    const { code, tookMs } = await served.end(secondMs);
    expect([code, tookMs < 1000]).toEqual([1, true]);
  }, 30_000);

  test('without listeners ends it within a second with code 0, and so does SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      served = await Served.start();
      const startMs = performance.now();
      served.child.kill(signal);
      const { code, tookMs } = await served.end(startMs);
      expect([code, tookMs < 1500]).toEqual([0, true]);
    }
  }, 30_000);
});

/** Makes the process throw on SIGUSR2, as a fault of the program would. */
function throwing(act: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2',()=>{${act}})`)}`];
}

describe('a fault that nobody caught', () => {
  test.each([
    ['thrown', `throw Object.assign(new Error('${SECRET}'),{code:'E_TEST',token:'${SECRET}'})`, 'E_TEST'],
    [
      'thrown again and again',
      `setInterval(()=>{throw Object.assign(new Error('${SECRET}'),{code:'E_TEST'})},20)`,
      'E_TEST',
    ],
    ['a rejection', `Promise.reject(Object.assign(new Error('${SECRET}'),{code:'E_TEST'}))`, 'E_TEST'],
  ])(
    '%s: one line with its code and no secret, bye to the listeners, exit 1',
    async (_, act, code) => {
      served = await Served.start(throwing(act));
      witnesses.push(...(await served.listeners(3)));
      const startMs = performance.now();
      served.child.kill('SIGUSR2');
      const end = await served.end(startMs);
      expect([end.code, end.tookMs < 3000]).toEqual([1, true]);
      for (const witness of witnesses) {
        expect(await witness.closed()).toBe(4000);
        expect(witness.messages.at(-1)).toMatchObject({ type: 'bye', code: 4000 });
      }
      const [line = '', ...more] = served.lines('relay.failed');
      expect(more).toEqual([]);
      expect(JSON.parse(line)).toMatchObject({
        level: 50,
        error: 'Error',
        code,
        at: expect.stringContaining('at '),
      });
      expect(served.printed).not.toContain(SECRET);
    },
    30_000,
  );

  test('does not wait longer than 5 s for a listener that takes nothing', async () => {
    served = await Served.start(throwing(`throw new Error('x')`));
    witnesses.push(...(await served.listeners(1)));
    witnesses[0]?.socket.pause();
    const startMs = performance.now();
    served.child.kill('SIGUSR2');
    const { code, tookMs } = await served.end(startMs);
    expect([code, tookMs < 6000]).toEqual([1, true]);
  }, 30_000);
});

const HAS_PRLIMIT = spawnSync('prlimit', ['--version']).status === 0;

test.skipIf(!HAS_PRLIMIT)(
  '200 connections where 40 file descriptors are allowed do not end it: some are dropped, and it answers once they have gone',
  async () => {
    served = await Served.start();
    const { url, child } = served;
    // Not from the start: loading its modules takes more.
    spawnSync('prlimit', ['--pid', String(child.pid), '--nofile=40:40']);
    let dropped = 0;
    const sockets = Array.from({ length: 200 }, (): Socket => {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
      return socket.on('error', () => {}).once('close', () => dropped++);
    });
    await until('more are dropped than it has descriptors for', () => dropped >= 160);
    for (const socket of sockets) socket.destroy();
    await until('all have gone', () => dropped === 200);
    expect([await readiness(url), served.ended]).toEqual([200, undefined]);
    expect(served.lines('http.accept-failed').length).toBeLessThanOrEqual(1);
    const startMs = performance.now();
    child.kill('SIGTERM');
    expect((await served.end(startMs)).code).toBe(0);
  },
  30_000,
);

/** One command to its end, with a secret in its environment. */
function run(
  args: string[],
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    env: { PATH: process.env['PATH'], CONF_TICKET_SECRET: SECRET, ...env },
    input,
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { status, stdout, stderr };
}

const PUBLIC = ['--public-url', 'https://relay.example'];

describe('conf-relay token', () => {
  test('a ticket to listen: the ticket on line 1, then what to paste, the personal link, and when it ends', () => {
    const beforeMs = Date.now();
    const { status, stdout, stderr } = run(['token', 'allhands', ...PUBLIC]);
    const [jwt, ...rest] = stdout.trimEnd().split('\n');
    expect([status, stderr]).toEqual([0, '']);
    expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(rest.slice(0, -1)).toEqual([
      '',
      '<script type="module" src="https://relay.example/v1/conf-listener.js"></script>',
      `<conf-listener room="allhands" token="${jwt}"></conf-listener>`,
      '',
      `https://relay.example/listen/allhands#ticket=${jwt}`,
      '',
    ]);
    const [, time = ''] = /^Good until (\S+Z); whoever has it can listen\.$/.exec(rest.at(-1) ?? '') ?? [];
    const lifeMs = Date.parse(time) - beforeMs;
    expect(lifeMs).toBeGreaterThan(8 * 3_600_000 - 1000);
    expect(lifeMs).toBeLessThan(8 * 3_600_000 + 10_000);
  });

  test('--ttl 7d is 604800 s', () => {
    const [jwt = ''] = run(['token', 'allhands', '--ttl', '7d']).stdout.split('\n');
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp - claims.iat).toBe(604_800);
  });

  test('--json: the ticket, for whom, until when, and the personal link', () => {
    const { stdout } = run(['token', 'allhands', '--json', ...PUBLIC]);
    const token: Record<string, string> = JSON.parse(stdout);
    expect(token).toEqual({
      ticket: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      room: 'allhands',
      scope: 'listen',
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      link: `https://relay.example/listen/allhands#ticket=${token['ticket']}`,
    });
  });

  test('to publish: where to, and no snippet', () => {
    const { stdout } = run(['token', 'allhands', '--scope', 'publish', ...PUBLIC]);
    expect(stdout).toContain(
      'can speak: wss://relay.example/ingest/allhands, Authorization: Bearer <ticket>.',
    );
    expect(stdout).not.toContain('<conf-listener');
  });

  test('"*" is all rooms for admins', () => {
    const { status, stdout } = run(['token', '*', '--scope', 'admin']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('can send listeners out of all rooms.')]);
    const [jwt = ''] = stdout.split('\n');
    expect(run(['checktoken', jwt]).stdout).toMatch(/^right: scope "admin"; rooms "\*"; until /);
  });

  test('for a room of another relay it is printed, and stderr says so', () => {
    const { status, stdout, stderr } = run(['token', 'elsewhere']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('<conf-listener room="elsewhere"')]);
    expect(stderr).toBe(
      'conf-relay: token: these settings have no room "elsewhere"; the ticket is for a relay that has\n',
    );
  });

  test('wrong usage is 1 line and code 2', () => {
    for (const args of [['token'], ['token', 'allhands', '--ttl', '8'], ['checktoken']]) {
      const { status, stdout, stderr } = run(args);
      expect([status, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    }
  });
});

describe('conf-relay checktoken', () => {
  test('says scope, room and end of a right one, from the command line or standard input, and prints it 0 times', () => {
    const [jwt = ''] = run(['token', 'allhands', '--ttl', '7d']).stdout.split('\n');
    for (const { status, stdout, stderr } of [
      run(['checktoken', jwt]),
      run(['checktoken', '-'], { input: `${jwt}\n` }),
    ]) {
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(
        /^right: scope "listen"; rooms "allhands"; until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/,
      );
    }
  });

  test('says why one is wrong: 4 ways', async () => {
    const [jwt = ''] = run(['token', 'allhands']).stdout.split('\n');
    const old = await ticketsBy(SECRET).issue(['allhands'], 'listen', -60);
    const other = { CONF_TICKET_SECRET: `${SECRET}, another` };
    const wrong = [
      run(['checktoken', `${jwt.slice(0, -4)}AAAA`]),
      run(['checktoken', jwt], { env: other }),
      run(['checktoken', '-'], { input: 'x'.repeat(1_000_000) }),
      run(['checktoken', old]),
    ];
    for (const { status, stdout, stderr } of wrong) {
      expect([status, stderr]).toEqual([1, '']);
      expect(stdout).toMatch(/^wrong: .{10,}\n$/);
      expect(stdout).not.toContain(jwt.slice(0, 20));
    }
    expect(wrong.map(({ stdout }) => stdout.includes('expired'))).toEqual([false, false, false, true]);
  });
});

describe('P40: conf-relay serve and check', () => {
  const plain = ['--public-url', 'http://relay.example'];

  test('an unsafe setting refuses to start with 1 line and code 2, and check finds the same', () => {
    const { status, stderr } = run(['serve', ...plain]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^conf-relay: publicUrl is not https: .*--insecure\n$/),
    ]);
    const checked = run(['check', ...plain]);
    expect([checked.status, checked.stderr]).toEqual([2, '']);
    expect(checked.stdout).toMatch(/^FAIL {2}publicUrl — is not https: .*--insecure\n/);
  });

  test('--insecure starts with it: 1 line on stderr and 1 in the log', async () => {
    const start = await Served.start([], [...plain, '--insecure']);
    served = start;
    expect(start.printed.match(/^conf-relay: unsafe: publicUrl is not https: .*$/gm)).toHaveLength(1);
    expect(start.lines('relay.unsafe').map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, setting: 'publicUrl' },
    ]);
  });

  test('check names what --insecure lets through, with code 0', () => {
    const { status, stdout, stderr } = run(['check', '--offline', '--port', '0', ...plain, '--insecure']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ok {4}settings — are right; rooms: allhands \(l16\)$/m);
    expect(stdout).toMatch(/^warn {2}publicUrl — is not https: .* \(let through by --insecure\); /m);
  });

  test('a settings file that is not there, a directory or junk is 1 line, no stack, code 2', () => {
    const dir = mkdtempSync(join(tmpdir(), 'conf-cli-'));
    try {
      const junk = join(dir, 'junk.json');
      writeFileSync(junk, '\0'.repeat(1_000_000));
      for (const path of [join(dir, 'none.json'), dir, junk]) {
        const { status, stderr } = run(['serve', '--config', path]);
        expect([status, stderr.split('\n').length]).toEqual([2, 2]);
        expect(stderr).toMatch(/^conf-relay: .*(cannot be read|is not JSON)/);
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('NODE_DEBUG=http refuses to start, and a ticket on standard input is not printed', () => {
    const { status, stderr } = run(['checktoken', '-'], { env: { NODE_DEBUG: 'http' }, input: 'A-TICKET' });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('conf-relay: NODE_DEBUG makes Node print tickets'),
    ]);
    expect(stderr).not.toContain('A-TICKET');
  });
});
