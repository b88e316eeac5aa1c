import { ROOM_STATES, type RoomState } from '../../wire/messages.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { fieldOf, listIn, numberIn, oneOf, textIn } from './console-fields.ts';

/** What carries a listener's sound, in the order in which the counts are shown. */
export const TRANSPORTS = ['websocket', 'stream', 'poll', 'wav'] as const;
/** One of {@link TRANSPORTS}. */
export type Transport = (typeof TRANSPORTS)[number];

const SOUNDS = ['none', 'silence', 'quiet', 'speech', 'steady'] as const;
/** What a leg's sound is like; `unknown` where the relay has a word that this page has not. */
export type Sound = (typeof SOUNDS)[number] | 'unknown';

/** Listeners now, by what carries their sound, and the most there have been since the relay's start. */
export interface Audience {
  now: number;
  peak: number;
  byTransport: Readonly<Record<Transport, number>>;
}

/** A room's leg into the conference. */
export interface Leg {
  legId: string | null;
  ageSec: number;
  endsInSec: number | null;
  sound: Sound;
  levelDbfs: number | null;
}

/** Something that went wrong. */
export interface Trouble {
  atMs: number;
  event: string;
  code: string | null;
}

/** A room as the console shows it. */
export interface RoomView {
  room: RoomId;
  title: string;
  /** Whether the relay dials for it; a publisher feeds it else. */
  isDialled: boolean;
  /** Whether listeners need a ticket. */
  needsTicket: boolean;
  state: RoomState;
  listeners: Audience;
  rttMs: { p50: number; p95: number } | null;
  leg: Leg | null;
  opensAtMs: number | null;
  problems: readonly Trouble[];
}

/** The machine under the relay; what is not known is null. */
export interface Host {
  eventLoopMs: { p50: number; p99: number; max: number } | null;
  rssBytes: number | null;
  /** Of one core, 0…1. */
  cpu: number | null;
  egressBitsPerSec: number | null;
  egressCostPerHour: { amount: number; currency: string } | null;
}

/** All that a look at the relay shows. */
export interface RelayView {
  version: string;
  startedAtMs: number;
  atMs: number;
  /** Http or https; undefined where it is neither. */
  publicUrl: string | undefined;
  hindrance: string | null;
  listeners: Audience & { limit: number | null };
  host: Host;
  history: 'on' | 'off' | 'failing';
  historyBytes: number | null;
  problems: readonly Trouble[];
  rooms: readonly RoomView[];
}

/** Reads `/v1/status`; undefined for what is none. Fields that are unknown or missing do no harm. */
export function statusOf(answer: unknown): RelayView | undefined {
  const [atMs, startedAtMs] = [numberIn(answer, 'atMs'), numberIn(answer, 'startedAtMs')];
  const rooms = fieldOf(answer, 'rooms');
  if (atMs === null || startedAtMs === null || !Array.isArray(rooms)) return undefined;
  const listeners = fieldOf(answer, 'listeners');
  const url = textIn(answer, 'publicUrl') ?? '';
  return {
    version: textIn(answer, 'version') ?? '?',
    startedAtMs,
    atMs,
    publicUrl: /^https?:\/\//.test(url) ? url : undefined,
    hindrance: textIn(answer, 'hindrance'),
    listeners: { ...audienceOf(listeners), limit: numberIn(listeners, 'limit') },
    host: hostOf(fieldOf(answer, 'host')),
    history: oneOf(['on', 'off', 'failing'], fieldOf(answer, 'history')) ?? 'off',
    historyBytes: numberIn(answer, 'historyBytes'),
    problems: troublesOf(answer),
    rooms: rooms.flatMap((room) => roomOf(room) ?? []),
  };
}

function roomOf(answer: unknown): RoomView | undefined {
  const room = parseRoomId(textIn(answer, 'room') ?? '');
  if (!room) return undefined;
  return {
    room,
    title: textIn(answer, 'title') ?? room,
    isDialled: textIn(answer, 'source') !== 'l16',
    needsTicket: textIn(answer, 'access') === 'ticket',
    state: oneOf(ROOM_STATES, fieldOf(answer, 'state')) ?? 'idle',
    listeners: audienceOf(fieldOf(answer, 'listeners')),
    rttMs: spreadOf(fieldOf(answer, 'rttMs')),
    leg: legOf(fieldOf(answer, 'leg')),
    opensAtMs: numberIn(answer, 'opensAtMs'),
    problems: troublesOf(answer),
  };
}

function troublesOf(answer: unknown): Trouble[] {
  return listIn(answer, 'problems').flatMap((one) => {
    const [atMs, event] = [numberIn(one, 'atMs'), textIn(one, 'event')];
    return atMs === null || event === null ? [] : [{ atMs, event, code: textIn(one, 'code') }];
  });
}

function legOf(answer: unknown): Leg | null {
  const ageSec = numberIn(answer, 'ageSec');
  if (ageSec === null) return null;
  return {
    legId: textIn(answer, 'legId'),
    ageSec,
    endsInSec: numberIn(answer, 'endsInSec'),
    sound: oneOf(SOUNDS, fieldOf(answer, 'sound')) ?? 'unknown',
    levelDbfs: numberIn(answer, 'levelDbfs'),
  };
}

function hostOf(answer: unknown): Host {
  const spread = spreadOf(fieldOf(answer, 'eventLoopMs'), 'p99');
  const price = fieldOf(answer, 'egressCostPerHour');
  const [amount, currency] = [numberIn(price, 'amount'), textIn(price, 'currency')];
  const max = numberIn(fieldOf(answer, 'eventLoopMs'), 'max');
  return {
    eventLoopMs: spread && max !== null ? { p50: spread.p50, p99: spread.p95, max } : null,
    rssBytes: numberIn(answer, 'rssBytes'),
    cpu: numberIn(answer, 'cpu'),
    egressBitsPerSec: numberIn(answer, 'egressBitsPerSec'),
    egressCostPerHour: amount === null || currency === null ? null : { amount, currency },
  };
}

function audienceOf(answer: unknown): Audience {
  const counts = fieldOf(answer, 'byTransport');
  const count = (name: Transport): number => numberIn(counts, name) ?? 0;
  return {
    now: numberIn(answer, 'now') ?? 0,
    peak: numberIn(answer, 'peak') ?? 0,
    byTransport: {
      websocket: count('websocket'),
      stream: count('stream'),
      poll: count('poll'),
      wav: count('wav'),
    },
  };
}

function spreadOf(answer: unknown, upper = 'p95'): { p50: number; p95: number } | null {
  const [p50, p95] = [numberIn(answer, 'p50'), numberIn(answer, upper)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}
