import { expect, test } from 'vitest';
import type { RoomStatus } from '../../relay/room-message.ts';
import { describeRoom } from '../../relay/room-directory.ts';
import { config } from './config/given.ts';

const [ROOM] = config({ file: { rooms: [{ id: 'allhands', title: 'All hands', source: 'l16' }] } }).rooms;

function told(status: RoomStatus) {
  return describeRoom({ describe: () => ({ ...status, mediaMs: null, listeners: 3, leg: null }) }, ROOM);
}

test('the public is told when a closed room opens, as Unix ms, and nothing of it otherwise', () => {
  const open = {
    title: 'All hands',
    state: 'waiting',
    epoch: null,
    sampleRate: null,
    chunkMs: 100,
    mediaMs: null,
  };
  const status: RoomStatus = { state: 'waiting', epoch: null, sampleRate: null };
  expect(told(status)).toEqual(open);
  expect(told({ ...status, opensAtMs: 1_795_698_000_000 })).toEqual({ ...open, opensAt: 1_795_698_000_000 });
});
