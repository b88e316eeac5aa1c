import { fieldOf, listIn, numberIn, oneOf, textIn } from './console-fields.ts';

/** What of an event is told of all of them, or means something to programs only. */
const UNTOLD = new Set(['room', 'epoch']);

/** Something that happened to a room. */
export interface EventView {
  atMs: number;
  level: 'info' | 'warn' | 'error';
  event: string;
  /** `name value`, without what is known of all of them. */
  details: readonly string[];
}

/** How many listened at a moment, and their delay. */
export interface AudienceSample {
  atMs: number;
  listeners: number;
  peak: number;
  rttP95Ms: number | null;
}

/** A call that was, or is. */
export interface CallView {
  /** When it was dialled, or came. */
  fromMs: number;
  /** When it was over; null while it is not. */
  toMs: number | null;
  /** Why it was over, and the platform's reason. */
  end: string | null;
  code: string | null;
  peakListeners: number | null;
}

/** Reads `/v1/rooms/{room}/timeline`, newest first. */
export function eventsOf(answer: unknown): EventView[] {
  return listIn(answer, 'events')
    .flatMap((one) => {
      const [atMs, event] = [numberIn(one, 'atMs'), textIn(one, 'event')];
      if (atMs === null || event === null) return [];
      const level = oneOf(['info', 'warn', 'error'], fieldOf(one, 'level')) ?? 'info';
      const fields = Object.entries(Object(fieldOf(one, 'fields')));
      const told = fields.filter(([name, value]) => !UNTOLD.has(name) && value !== null);
      return [{ atMs, level, event, details: told.map(([name, value]) => `${name} ${String(value)}`) }];
    })
    .toReversed();
}

/** Reads `/v1/rooms/{room}/history?kind=calls`, newest first as it is told. */
export function callsOf(answer: unknown): CallView[] {
  return listIn(answer, 'records').flatMap((one) => {
    const fromMs = numberIn(one, 'dialledMs') ?? numberIn(one, 'openedMs') ?? numberIn(one, 'epoch');
    if (fromMs === null) return [];
    const [end, code] = [textIn(one, 'end'), textIn(one, 'code')];
    return [
      { fromMs, toMs: numberIn(one, 'closedMs'), end, code, peakListeners: numberIn(one, 'peakListeners') },
    ];
  });
}

/** Reads `/v1/rooms/{room}/history?kind=audience`, oldest first. */
export function samplesOf(answer: unknown): AudienceSample[] {
  return listIn(answer, 'records')
    .flatMap((one) => {
      const [atMs, listeners] = [numberIn(one, 'atMs'), numberIn(one, 'listeners')];
      if (atMs === null || listeners === null) return [];
      const peak = numberIn(one, 'peak') ?? listeners;
      return [{ atMs, listeners, peak, rttP95Ms: numberIn(one, 'rttP95Ms') }];
    })
    .toSorted((one, other) => one.atMs - other.atMs);
}
