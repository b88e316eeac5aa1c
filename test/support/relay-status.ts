import type { OperatedRoom, RelayStatus } from '../../relay/relay-status.ts';
import { roomId } from './rooms.ts';

const MINUTE_MS = 60_000;

/** A room as a relay tells of one that nobody listens to. */
export function idleRoom(room: string, more: Partial<OperatedRoom> = {}): OperatedRoom {
  return {
    room: roomId(room),
    title: room,
    access: 'open',
    source: 'vonage',
    state: 'idle',
    listeners: { now: 0, peak: 0, byTransport: { websocket: 0, stream: 0, poll: 0, wav: 0 } },
    rttMs: null,
    leg: null,
    opensAtMs: null,
    problems: [],
    ...more,
  };
}

/** A room in the middle of a conference. */
export function liveRoom(room: string, more: Partial<OperatedRoom> = {}): OperatedRoom {
  return idleRoom(room, {
    title: 'All hands',
    state: 'live',
    listeners: { now: 412, peak: 530, byTransport: { websocket: 398, stream: 9, poll: 4, wav: 1 } },
    rttMs: { p50: 24, p95: 83 },
    leg: {
      legId: '63f61863-4a51-4f6b-86e1-46edebcf9356',
      epoch: Date.now() - 42 * MINUTE_MS,
      ageSec: 2520,
      endsInSec: 4680,
      sound: 'speech',
      levelDbfs: -18,
    },
    ...more,
  });
}

/** A relay that does well. */
export function relayStatus(more: Partial<RelayStatus> = {}): RelayStatus {
  return {
    version: '1.4.0',
    startedAtMs: Date.now() - 27.5 * 60 * MINUTE_MS,
    atMs: Date.now(),
    publicUrl: 'https://relay.example',
    hindrance: null,
    listeners: {
      now: 415,
      peak: 561,
      limit: 5000,
      byTransport: { websocket: 401, stream: 9, poll: 4, wav: 1 },
    },
    host: {
      eventLoopMs: { p50: 0.4, p99: 3.2, max: 11 },
      rssBytes: 143e6,
      cpu: 0.23,
      egressBitsPerSec: 106.2e6,
      egressCostPerHour: { amount: 3.82, currency: 'EUR' },
    },
    history: 'on',
    historyBytes: 12.4e6,
    problems: [],
    rooms: [],
    ...more,
  };
}
