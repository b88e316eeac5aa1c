import { describe, expect, test } from 'vitest';
import type { RoomConfig } from '../../relay/config/room-config.ts';
import { RoomBook } from '../../relay/room-book.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { roomId } from '../support/rooms.ts';
import { config } from './config/given.ts';

/** Rooms with these settings beside the id. */
function rooms(settings: Readonly<Record<string, object>>): readonly RoomConfig[] {
  return config({ file: { rooms: Object.entries(settings).map(([id, more]) => ({ id, ...more })) } }).rooms;
}

function stage(settings: Readonly<Record<string, object>>) {
  const clock = new FakeClock();
  const done: string[] = [];
  const busy = new Set<string>();
  const book = new RoomBook({
    open: ({ id, title }) => done.push(`open ${id} ${title}`),
    drop: (id) => done.push(`drop ${id}`),
    isAtRest: (id) => !busy.has(id),
    clock,
  });
  book.take(rooms(settings));
  return { book, busy, clock, done: () => done.splice(0) };
}

describe('a book of rooms', () => {
  test('opens each of 2 rooms once, and does nothing about the same 2 again', () => {
    const { book, done } = stage({ a: {}, b: {} });
    expect(done()).toEqual(['open a a', 'open b b']);
    book.take(rooms({ a: {}, b: {} }));
    expect([done(), book.waiting]).toEqual([[], []]);
  });

  test('builds a room at rest anew at once, and lets the other be', () => {
    const { book, done } = stage({ a: {}, b: {} });
    done();
    book.take(rooms({ a: { title: 'A' }, b: {} }));
    expect(done()).toEqual(['drop a', 'open a A']);
  });

  test('waits with a room that is in use: it runs as it did until it is at rest, which is seen within 2 s', () => {
    const { book, busy, clock, done } = stage({ a: {} });
    done();
    busy.add('a');
    book.take(rooms({ a: { title: 'A' } }));
    clock.advance(60_000);
    expect([done(), book.waiting, book.running.get(roomId('a'))?.title]).toEqual([[], ['a'], 'a']);
    busy.clear();
    clock.advance(2000);
    expect([done(), book.waiting, clock.pending]).toEqual([['drop a', 'open a A'], [], 0]);
  });

  test('a room that is configured no more lets nobody in, and ends when it is at rest', () => {
    const { book, busy, clock, done } = stage({ a: {}, b: {} });
    done();
    busy.add('b');
    book.take(rooms({ a: {} }));
    expect([[...book.configured.keys()], [...book.running.keys()], done()]).toEqual([['a'], ['a', 'b'], []]);
    busy.clear();
    clock.advance(2000);
    expect([[...book.running.keys()], done()]).toEqual([['a'], ['drop b']]);
  });

  test('of a room in use who may come in, and with what, counts at once', () => {
    const { book, busy, done } = stage({ a: {} });
    busy.add('a');
    done();
    book.take(rooms({ a: { maxListeners: 7, number: '442079460001' } }));
    expect(book.configured.get(roomId('a'))).toMatchObject({ maxListeners: 7, number: '442079460001' });
    expect([done(), book.waiting]).toEqual([[], []]);
  });

  test('a room that was taken out and put back while in use goes on as if nothing had been', () => {
    const { book, busy, clock, done } = stage({ a: {}, b: {} });
    busy.add('b');
    done();
    book.take(rooms({ a: {} }));
    book.take(rooms({ a: {}, b: {} }));
    busy.clear();
    clock.advance(10_000);
    expect([done(), book.waiting, clock.pending]).toEqual([[], [], 0]);
  });
});
