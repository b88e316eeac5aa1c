import { describe, expect, test } from 'vitest';
import type { AccessVerdict } from '../../../relay/access/room-access.ts';
import { refusalOf } from '../../../relay/access/access-refusal.ts';
import { Stay } from '../../../relay/access/stay.ts';
import { systemClock, type Cancel } from '../../../relay/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';

const ROOM = roomId('board');
const DAY_MS = 24 * 3_600_000;

class Stage {
  readonly clock = new FakeClock();
  /** Codes of what ended the stay. */
  readonly ends: string[] = [];
  left = 0;
  readonly stay: Stay;

  /** `forMs`: what its ticket is worth; the next one is worth `next`. */
  constructor(forMs: number | undefined, next: AccessVerdict = { kind: 'let-in', room: ROOM }) {
    this.stay = new Stay({
      untilMs: forMs === undefined ? undefined : this.clock.wallMs() + forMs,
      check: async () => next,
      onLeave: () => this.left++,
      clock: this.clock,
    });
    this.stay.watch(({ code }) => this.ends.push(code));
  }
}

/** What a ticket is worth that ends so long after the stay has begun. */
function worth(forMs: number): AccessVerdict {
  return { kind: 'let-in', room: ROOM, untilMs: new FakeClock().wallMs() + forMs };
}

describe('P18: a stay', () => {
  test('of 25 days is over after 25 days, though no timer waits longer than 24.8', () => {
    const { clock, ends } = new Stage(25 * DAY_MS);
    clock.advance(25 * DAY_MS - 1);
    expect([ends, clock.pending]).toEqual([[], 1]);
    clock.advance(1);
    expect([ends, clock.pending]).toEqual([['ticket-expired'], 0]);
  });

  test('goes on with the old ticket to its end while the new one cannot be checked', async () => {
    const unknown: AccessVerdict = { kind: 'refused', refusal: refusalOf('keys-unavailable') };
    const { clock, ends, stay } = new Stage(60_000, unknown);
    await stay.renew('another');
    clock.advance(59_999);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual(['ticket-expired']);
  });

  test('of a year asks for no timer of more than 2^31 - 1 ms, which would run at once', () => {
    const asked: number[] = [];
    const after = (delayMs: number, run: () => void): Cancel => {
      asked.push(delayMs);
      return systemClock.after(delayMs, run);
    };
    const stay = new Stay({
      untilMs: Date.now() + 365 * DAY_MS,
      check: async () => ({ kind: 'let-in', room: ROOM }),
      onLeave: () => {},
      clock: { ...systemClock, after },
    });
    stay.watch(() => {});
    stay.leave();
    expect(asked).toEqual([2 ** 31 - 1]);
  });

  test('whose ticket has run out while it was checked is over at once', () => {
    const { clock, ends } = new Stage(-5);
    clock.advance(0);
    expect(ends).toEqual(['ticket-expired']);
  });

  test('without a ticket sets no timer and asks for none', async () => {
    const stage = new Stage(undefined, { kind: 'refused', refusal: refusalOf('ticket-refused') });
    await stage.stay.renew('garbage');
    expect([stage.ends, stage.clock.pending]).toEqual([[], 0]);
  });

  test('is told once that it is over, and leaves when its connection does', () => {
    const stage = new Stage(1000);
    stage.stay.end(refusalOf('ticket-revoked'));
    stage.stay.end(refusalOf('ticket-expired'));
    expect([stage.ends, stage.left, stage.clock.pending]).toEqual([['ticket-revoked'], 0, 0]);
    stage.stay.leave();
    expect(stage.left).toBe(1);
  });

  test('leaves once, and is told nothing afterwards', async () => {
    const stage = new Stage(1000, { kind: 'refused', refusal: refusalOf('ticket-refused') });
    stage.stay.leave();
    stage.stay.leave();
    await stage.stay.renew('garbage');
    stage.stay.end(refusalOf('ticket-revoked'));
    stage.clock.advance(2000);
    expect([stage.ends, stage.left, stage.clock.pending]).toEqual([[], 1, 0]);
  });
});

describe('P18: a new ticket', () => {
  test('of 60 s more makes a stay as long; a shorter one makes it shorter', async () => {
    const long = new Stage(1000, worth(61_000));
    await long.stay.renew('a ticket');
    long.clock.advance(60_999);
    expect(long.ends).toEqual([]);
    long.clock.advance(1);
    expect(long.ends).toEqual(['ticket-expired']);

    const short = new Stage(60_000, worth(1000));
    await short.stay.renew('a ticket');
    short.clock.advance(1000);
    expect(short.ends).toEqual(['ticket-expired']);
  });

  test('that comes after the listener has gone sets no timer', async () => {
    const { clock, stay } = new Stage(1000, worth(61_000));
    const renewed = stay.renew('a ticket');
    stay.leave();
    await renewed;
    expect(clock.pending).toBe(0);
  });

  test('that is none ends the stay for its own reason', async () => {
    const { ends, stay } = new Stage(1000, { kind: 'refused', refusal: refusalOf('ticket-refused') });
    await stay.renew('garbage');
    expect(ends).toEqual(['ticket-refused']);
  });

  test('needs no timer of the old one: the wall clock jumped by an hour in between', async () => {
    const stage = new Stage(60_000, worth(3_660_000));
    stage.clock.jumpWall(3_600_000);
    await stage.stay.renew('a ticket');
    stage.clock.advance(59_999);
    expect([stage.ends, stage.clock.pending]).toEqual([[], 1]);
    stage.clock.advance(1);
    expect(stage.ends).toEqual(['ticket-expired']);
  });
});
