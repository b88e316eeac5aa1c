import { spawnSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { ServedRelay } from '../support/served-relay.ts';
import { until } from '../support/until.ts';
import { Witness } from '../support/witness.ts';

let relay: ServedRelay | undefined;
const witnesses: Witness[] = [];
afterEach(async () => {
  for (const { socket } of witnesses.splice(0)) socket.terminate();
  await relay?.close();
  relay = undefined;
});

function listen(room = 'allhands'): Witness {
  const witness = new Witness(relay?.url ?? '', room);
  witnesses.push(witness);
  return witness;
}

/** Listeners that hear something. */
async function listening(count: number): Promise<Witness[]> {
  const came = Array.from({ length: count }, () => listen());
  await until('all hear', () => came.every(({ sequences }) => sequences.length > 3));
  return came;
}

/** A value of `/metrics`. */
function valueOf(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
}

describe('a relay that is killed while 20 listen', () => {
  test('is back within 3 s of its start with all of them, hangs up the orphan, and has the history of before', async () => {
    relay = await ServedRelay.start();
    const killed = relay;
    const before = await listening(20);
    const orphan = relay.simulator.legs()[0];
    // What happened in the last second may be lost.
    await until('the call is kept', async () => (await callsOf(killed)).length === 1);
    await relay.end('SIGKILL');
    await until('all have lost it', () => before.every(({ closeCode }) => closeCode === 1006));

    await relay.startAgain();
    const startedAtMs = performance.now();
    await listening(20);
    const backInMs = performance.now() - startedAtMs;
    await until('the orphan is over', () => orphan?.status === 'completed');
    await until('one leg is left', () => liveLegs(killed) === 1);
    const calls = await until('2 calls are kept', async () => {
      const kept = await callsOf(killed);
      return kept.length === 2 && kept;
    });
    console.log(`killed: 20 listeners heard again ${Math.round(backInMs)} ms after the start`);
    expect(backInMs).toBeLessThan(3000);
    // The newest first.
    expect(calls[0]).toMatchObject({ end: null });
    expect(calls[1]).toMatchObject({ leg: orphan?.uuid, end: 'relay-died' });
    expect(await relay.end('SIGTERM')).toBe(0);
  }, 60_000);

  test('has 3 players sound again within 3 s of its start, which nobody pressed for', async () => {
    relay = await ServedRelay.start();
    const { url } = relay;
    const browser = await launchChromium({ autoplay: true });
    try {
      const pages = await Promise.all(Array.from({ length: 3 }, () => browser.newPage()));
      for (const page of pages) {
        await page.goto(`${url}/listen/allhands`);
        await page.evaluate(() => document.querySelector('conf-listener')?.play());
      }
      const allPlayed = async (atLeast: number): Promise<boolean> =>
        (await Promise.all(pages.map(played))).every((count) => count >= atLeast);
      await until('all play', () => allPlayed(10));
      await relay.end('SIGKILL');
      await relay.startAgain();
      const startedAtMs = performance.now();
      const before = Math.max(...(await Promise.all(pages.map(played))));
      await until('all play on', () => allPlayed(before + 5), 20_000);
      const backInMs = performance.now() - startedAtMs;
      console.log(`killed: 3 players sound again ${Math.round(backInMs)} ms after the start`);
      expect(backInMs).toBeLessThan(3000);
    } finally {
      await browser.close();
    }
  }, 90_000);
});

/** Chunks that a page has played. */
function played(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelector('conf-listener')?.getStats()?.played ?? 0);
}

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

describe.skipIf(!canMount)('a data directory', () => {
  test.each([
    ['on a disk that is full', 'size=16k', 'disk-full'],
    ['that is read-only', 'ro', 'read-only'],
  ])(
    '%s: everybody hears on, the log says so once, a metric tells',
    async (_, mount, code) => {
      const mounting = `mount -t tmpfs -o ${mount} tmpfs data && exec "$@"`;
      relay = await ServedRelay.start({ command: ['unshare', '-rm', 'sh', '-c', mounting, 'sh'] });
      const served = relay;
      const [witness] = await listening(2);
      await until(
        'the metric tells',
        async () => valueOf(await served.ask('/metrics'), 'conf_history_up') === 0,
      );
      const heard = witness?.sequences.length ?? 0;
      await until('2 s more are heard', () => (witness?.sequences.length ?? 0) >= heard + 20);
      expect(witness?.holes).toBe(0);
      expect(relay.lines('history.failed')).toHaveLength(1);
      expect(relay.lines('history.failed')[0]).toContain(`"code":"${code}"`);
      expect(await relay.ask('/v1/status')).toContain('"history":"failing"');
      expect(await relay.end('SIGTERM')).toBe(0);
    },
    60_000,
  );
});

describe('SIGHUP', () => {
  test('brings a room and a louder log while 2 listen, and a settings file with a fault changes nothing', async () => {
    relay = await ServedRelay.start();
    const served = relay;
    const heard = await listening(2);
    relay.configure({ rooms: [{ id: 'allhands', silence: 'send' }, { id: 'press' }], logLevel: 'debug' });
    relay.signal('SIGHUP');
    await until('it has read them', () => served.lines('config.reloaded').length === 1);
    const press = listen('press');
    await until('the new room is there', () => press.messages.length > 0);
    expect(press.messages[0]).toMatchObject({ type: 'hello', room: 'press' });

    relay.configure({ rooms: [{ id: 'Press' }] });
    relay.signal('SIGHUP');
    await until('it says what is wrong', () => served.lines('config.refused').length === 1);
    expect(relay.lines('config.refused')[0]).toContain('rooms.0.id');
    expect(await relay.ask('/v1/status')).toContain('"event":"config.refused","code":"rooms.0.id"');
    const count = heard[0]?.sequences.length ?? 0;
    await until('both hear on', () => heard.every(({ sequences }) => sequences.length > count));
    expect(heard.map(({ holes, closeCode }) => [holes, closeCode])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
  }, 60_000);
});

async function callsOf(served: ServedRelay): Promise<{ leg: string | null; end: string | null }[]> {
  const told: { records: { leg: string | null; end: string | null }[] } = JSON.parse(
    await served.ask('/v1/rooms/allhands/history?kind=calls'),
  );
  return told.records;
}

function liveLegs({ simulator }: ServedRelay): number {
  return simulator.legs().filter(({ status }) => status === 'answered').length;
}
