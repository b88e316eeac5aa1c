import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { OperatorDesk } from '../../relay/operator-desk.ts';
import { HostHealth } from '../../relay/watch/host-health.ts';
import { firedAlerts, hasPromtool, type Scrape } from '../support/alert-trial.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { LongConference } from '../support/long-conference.ts';
import { KeptLog } from '../support/quiet-log.ts';
import { until } from '../support/until.ts';
import { config } from './config/given.ts';

const HOUR_MS = 3_600_000;

let dir: string | undefined;
afterEach(() => {
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
});

/** A conference with an operator's desk that watches it, and what it was scraped for every minute. */
function watchedConference() {
  dir = mkdtempSync(join(tmpdir(), 'conf-desk-'));
  const clock = new FakeClock();
  const settings = config({ file: { dataDir: dir, rooms: [{ id: 'allhands', silence: 'send' }] } });
  const log = new KeptLog();
  // The machine under a test is not what is watched here: hours of its clock are seconds of ours.
  const idle = { p50: 0, p99: 1, max: 2 };
  const desk = new OperatorDesk({
    config: settings,
    clock,
    log,
    rooms: new Map(settings.rooms.map((room) => [room.id, room])),
    room: () => conference.room,
    sound: () => conference.fanout,
    admission: () => undefined,
    health: new HostHealth({
      clock,
      bytesSent: () => 0,
      price: settings.egressPrice,
      machine: { cpuMicros: () => 0, rssBytes: () => 0 },
      loop: { delays: idle, close: () => {} },
    }),
  });
  const scrapes: Scrape[] = [];
  const conference: LongConference = new LongConference({
    log: desk.log,
    clock,
    // What is asked of the history's thread is answered after what it was given before.
    onSecond: async (second) => {
      if (second % 5 === 0) await desk.history?.events({ room: null, fromMs: 0, toMs: 1, limit: 1 });
    },
    onMinute: async () => void scrapes.push({ atMs: clock.wallMs(), text: await desk.metrics.text() }),
  });
  return { clock, conference, desk, log, scrapes };
}

test.skipIf(!hasPromtool)(
  'a conference of 3 h with 1 listener: the history shows both its calls and 180 minutes of it, and 0 alerts fire',
  async () => {
    const { clock, conference, desk, log, scrapes } = watchedConference();
    const { history } = desk;
    if (!history) throw new Error('there is a history by default');
    await until('its file is open', () => history.fileBytes > 0);
    conference.join();
    desk.audience(conference.id, 1);
    await conference.run(3 * HOUR_MS);

    const all = { room: 'allhands', fromMs: 0, toMs: clock.wallMs() + 1, limit: 1000 };
    const calls = await until('both calls are kept', async () => {
      clock.advance(1000);
      const answer = await history.calls(all);
      return answer.kind === 'rows' && answer.rows.length === 2 && answer.rows;
    });
    const [second, first] = calls;
    expect(first).toMatchObject({ leg: 'leg-1', end: 'replaced', peakListeners: 1 });
    expect(second).toMatchObject({ leg: 'leg-2', end: null, peakListeners: 1 });
    expect((first?.closedMs ?? 0) - (first?.openedMs ?? 0)).toBeLessThan(7200 * 1000);
    const kept = await until('all minutes are kept', async () => {
      clock.advance(1000);
      const answer = await history.audience(all);
      return answer.kind === 'rows' && answer.rows.length >= 179 && answer.rows;
    });
    expect(new Set(kept.map(({ listeners, peak }) => `${listeners} ${peak}`))).toEqual(new Set(['1 1']));
    expect(scrapes).toHaveLength(180);
    expect(firedAlerts(scrapes)).toEqual([]);
    expect([log.complaints, desk.status().rooms[0]?.leg?.endsInSec]).toEqual([[], expect.any(Number)]);

    await conference.close();
    await desk.close();
  },
  300_000,
);
