import { describe, expect, test } from 'vitest';
import type { Bus } from '../../../relay/bus/bus.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { roomId } from '../../support/rooms.ts';

const A = roomId('a');
const B = roomId('b');

function chunk(number: number): RoomMessage {
  return { kind: 'chunk', bytes: new Uint8Array([number]) };
}

function status(epoch: number): RoomMessage {
  return { kind: 'status', status: { state: 'live', epoch, sampleRate: 16_000 } };
}

function caption(id: string, final: boolean): RoomMessage {
  const said = { id, epoch: 1, startMs: 0, endMs: 900, text: 'Guten Tag', final, speaker: 'Zoë', lang: 'de' };
  return { kind: 'caption', caption: { type: 'caption', ...said } };
}

/** What every bus must do; `open` makes a new one, of one node. */
export function busContract(name: string, open: () => Bus): void {
  describe(`${name} keeps the contract of a bus`, () => {
    test('3 messages reach both subscribers of the room, in order, and nobody else', () => {
      const bus = open();
      const heard: RoomMessage[][] = [[], [], []];
      bus.subscribe(A, (message) => heard[0]?.push(message));
      bus.subscribe(A, (message) => heard[1]?.push(message));
      bus.subscribe(B, (message) => heard[2]?.push(message));
      const sent = [chunk(1), chunk(2), chunk(3)];
      for (const message of sent) bus.publish(A, message);
      expect(heard).toEqual([sent, sent, []]);
    });

    test('captions come with every field, between the chunks where they were published', () => {
      const bus = open();
      const heard: RoomMessage[] = [];
      bus.subscribe(A, (message) => heard.push(message));
      const sent = [chunk(1), caption('a', false), chunk(2), caption('a', true), caption('b', true)];
      for (const message of sent) bus.publish(A, message);
      expect(heard).toEqual(sent);
    });

    test('what is published for nobody is dropped: a later subscriber hears only the last status', () => {
      const bus = open();
      for (const message of [status(1), chunk(1), status(2), chunk(2), caption('a', true)])
        bus.publish(A, message);
      const heard: RoomMessage[] = [];
      bus.subscribe(A, (message) => heard.push(message));
      expect(heard).toEqual([status(2)]);
    });

    test('after unsubscribing, once or twice, nothing more is heard; the other subscriber stays', () => {
      const bus = open();
      const heard: RoomMessage[] = [];
      const stays: RoomMessage[] = [];
      const unsubscribe = bus.subscribe(A, (message) => heard.push(message));
      bus.subscribe(A, (message) => stays.push(message));
      unsubscribe();
      unsubscribe();
      bus.publish(A, chunk(1));
      expect([heard, stays]).toEqual([[], [chunk(1)]]);
    });

    test('a subscriber may leave, and another come, while a message is being handed out', () => {
      const bus = open();
      const heard: string[] = [];
      const leave = bus.subscribe(A, () => {
        heard.push('first');
        leave();
      });
      bus.subscribe(A, () => heard.push('second'));
      bus.publish(A, chunk(1));
      bus.publish(A, chunk(2));
      expect(heard).toEqual(['first', 'second', 'second']);
    });

    test('an audience is told when its number changes, and only then', () => {
      const bus = open();
      const told: [string, number][] = [];
      const unwatch = bus.watchAudience((id, listeners) => told.push([id, listeners]));
      for (const listeners of [0, 1, 1, 2, 0, 0]) bus.announce(A, listeners);
      bus.announce(B, 5);
      unwatch();
      bus.announce(B, 6);
      expect(told).toEqual([
        ['a', 1],
        ['a', 2],
        ['a', 0],
        ['b', 5],
      ]);
    });
  });
}
