import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ListenerAdmission, type AdmissionLimits, type Entry } from '../../../relay/access/admission.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';

const A = roomId('a');
const B = roomId('b');
const OFFICE = '192.0.2.1';

function admission(
  { perRoom = 1000, ...limits }: Partial<AdmissionLimits & { perRoom: number }> = {},
  random = () => 0.5,
) {
  const clock = new FakeClock();
  const wide = { connections: 1000, perAddress: 1000, joinsPerSec: 1000 };
  const door = new ListenerAdmission({
    limits: { ...wide, ...limits },
    ofRoom: () => perRoom,
    retryWindowMs: 10_000,
    clock,
    random,
  });
  return { door, clock };
}

/** `admitted`, or the code of the refusal. */
function word(entry: Entry): string {
  return entry.kind === 'admitted' ? 'admitted' : `${entry.kind} ${entry.refusal.code}`;
}

function leave(entry: Entry | undefined): void {
  if (entry?.kind !== 'admitted') throw new Error('was not admitted');
  entry.leave();
}

describe('a full', () => {
  test('room of 2 refuses the third with 429 for a person to read, other rooms go on', () => {
    const { door } = admission({ perRoom: 2 });
    const entries = [A, A, A, B].map((room) => door.admit(room, undefined));
    expect(entries.map(word)).toEqual(['admitted', 'admitted', 'full room-full', 'admitted']);
    expect(entries[2]).toMatchObject({ refusal: { status: 429 } });
    leave(entries[0]);
    expect(word(door.admit(A, undefined))).toBe('admitted');
  });

  test('room of 1 has a place again when who is in it gives it up, and is still a connection', () => {
    const { door } = admission({ perRoom: 1 });
    const first = door.admit(A, undefined);
    if (first.kind === 'admitted') first.leaveRoom();
    expect([word(door.admit(A, undefined)), door.connections]).toEqual(['admitted', 2]);
    leave(first);
    if (first.kind === 'admitted') first.leaveRoom();
    expect([word(door.admit(A, undefined)), door.connections]).toEqual(['full room-full', 1]);
  });

  test('address of 2 refuses the third with 429, in whichever room; who has no address is not counted', () => {
    const { door } = admission({ perAddress: 2 });
    const entries = [A, B, A].map((room) => door.admit(room, OFFICE));
    expect(entries.map(word)).toEqual(['admitted', 'admitted', 'full address-full']);
    expect(entries[2]).toMatchObject({ refusal: { status: 429 } });
    expect([0, 1, 2].map(() => word(door.admit(A, undefined)))).toEqual(['admitted', 'admitted', 'admitted']);
    leave(entries[1]);
    expect(word(door.admit(A, OFFICE))).toBe('admitted');
  });

  test('relay of 2 has no time for the third and is not ready until one leaves, once', () => {
    const { door } = admission({ connections: 2 });
    const [first] = [A, undefined].map((room) => door.admit(room, OFFICE));
    expect(door.hindrance).toMatchObject({ code: 'relay-full', status: 503 });
    expect(word(door.admit(A, undefined))).toBe('not-now relay-full');
    leave(first);
    leave(first);
    expect([door.hindrance, door.connections]).toEqual([undefined, 1]);
  });
});

/** Of so many who come, how many are admitted. */
function count(door: ListenerAdmission, times: number): number {
  const entries = Array.from({ length: times }, () => door.admit(A, OFFICE));
  return entries.filter(({ kind }) => kind === 'admitted').length;
}

describe('1000 joins a second', () => {
  const wide = { connections: 1e6, perRoom: 1e6, perAddress: 1e6 };

  test('come in at once after a rest, not one more; 100 after a tenth of a second; never more than 1000', () => {
    const { door, clock } = admission(wide);
    expect(count(door, 3000)).toBe(1000);
    clock.advance(100);
    expect(count(door, 3000)).toBe(100);
    clock.advance(3_600_000);
    expect(count(door, 3000)).toBe(1000);
  });

  test('steadily, at 1 a millisecond, all come in', () => {
    const { door, clock } = admission(wide);
    count(door, 1000);
    let admitted = 0;
    for (let ms = 0; ms < 5000; ms++) {
      clock.advance(1);
      admitted += count(door, 2);
    }
    expect(admitted).toBe(5000);
  });

  test('one too many is told a moment of its own to come back, within the retry window of 10 s', () => {
    const told = [0, 0.5, 0.999].map((drawn) => {
      const { door } = admission({ joinsPerSec: 1 }, () => drawn);
      door.admit(A, OFFICE);
      const entry = door.admit(A, OFFICE);
      return entry.kind === 'not-now'
        ? [entry.refusal.code, entry.refusal.status, entry.refusal.retryAfterSec]
        : [];
    });
    expect(told).toEqual([
      ['too-many-joins', 503, 1],
      ['too-many-joins', 503, 6],
      ['too-many-joins', 503, 10],
    ]);
  });
});

test('once closed nobody comes in, and it is empty when the last of 2 has left', async () => {
  const { door } = admission();
  const entries = [door.admit(A, OFFICE), door.admit(B, OFFICE)];
  door.close();
  expect(word(door.admit(A, OFFICE))).toBe('not-now shutting-down');
  expect(door.hindrance).toMatchObject({ code: 'shutting-down', status: 503 });
  let empty = false;
  const emptied = door.emptied().then(() => (empty = true));
  leave(entries[0]);
  await Promise.resolve();
  expect(empty).toBe(false);
  leave(entries[1]);
  await emptied;
  await door.emptied();
});

test('whoever comes and goes, limits hold at every moment and nothing is counted once all have left', () => {
  const limits = { connections: 6, perRoom: 4, perAddress: 3, joinsPerSec: 1000 };
  const join = fc.record({
    room: fc.constantFrom(A, B, undefined),
    address: fc.constantFrom('x', 'y', undefined),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(join, fc.nat(9)), { maxLength: 60 }), (acts) => {
      const { door } = admission(limits);
      const inside: { entry: Entry; room: string | undefined; address: string | undefined }[] = [];
      for (const act of acts) {
        if (typeof act === 'number') {
          const [gone] = inside.splice(act, 1);
          if (gone) leave(gone.entry);
          continue;
        }
        const of = (key: 'room' | 'address') => inside.filter((one) => one[key] === act[key]).length;
        const full =
          inside.length >= 6 ||
          (act.room !== undefined && of('room') >= 4) ||
          (act.address !== undefined && of('address') >= 3);
        const entry = door.admit(act.room, act.address);
        expect(entry.kind === 'admitted').toBe(!full);
        if (entry.kind === 'admitted') inside.push({ entry, ...act });
        expect(door.connections).toBe(inside.length);
      }
      for (const { entry } of inside) leave(entry);
      expect(door.connections).toBe(0);
      expect([0, 1, 2].map(() => word(door.admit(A, 'x')))).toEqual(['admitted', 'admitted', 'admitted']);
    }),
  );
});
