import type { Config } from './config.ts';
import type { RoomConfig } from './room-config.ts';

/** When a changed setting counts: at once, once nobody uses the room, or after a restart. */
export type ChangeMoment = 'now' | 'at-rest' | 'restart';

/** A setting that is another than before. Values are told only where they may be. */
export interface ConfigChange {
  /** `rooms.board.title`, `limits.connections`. */
  name: string;
  when: ChangeMoment;
  /** As JSON; `…` for a secret, a PIN or a number, nothing where there was, or is, none. */
  from: string;
  to: string;
}

/** Of a room: when it counts, and whether it may be told. */
const ROOM_FIELDS: Record<Exclude<keyof RoomConfig, 'id'>, readonly [ChangeMoment, 'told' | 'untold']> = {
  title: ['at-rest', 'told'],
  source: ['at-rest', 'told'],
  conversation: ['at-rest', 'told'],
  number: ['now', 'untold'],
  pin: ['now', 'untold'],
  hostPin: ['now', 'untold'],
  access: ['now', 'told'],
  origins: ['now', 'told'],
  silence: ['at-rest', 'told'],
  showListeners: ['at-rest', 'told'],
  chunkMs: ['at-rest', 'told'],
  lingerMs: ['at-rest', 'told'],
  maxListeners: ['now', 'told'],
  apiHost: ['at-rest', 'told'],
  schedule: ['now', 'told'],
};

/** Of the relay. */
const FIELDS: Record<
  Exclude<keyof Config, 'rooms' | 'unsafe'>,
  readonly [ChangeMoment, 'told' | 'untold']
> = {
  host: ['restart', 'told'],
  port: ['restart', 'told'],
  publicUrl: ['restart', 'told'],
  providerName: ['restart', 'told'],
  logLevel: ['now', 'told'],
  stalledMs: ['restart', 'told'],
  retryWindowMs: ['restart', 'told'],
  limits: ['now', 'told'],
  trustProxy: ['restart', 'told'],
  tickets: ['now', 'untold'],
  admin: ['restart', 'untold'],
  vonage: ['restart', 'untold'],
  history: ['restart', 'told'],
  egressPrice: ['restart', 'told'],
  metricsPerRoom: ['restart', 'told'],
};

/** Every setting in which two configurations differ, in the order of the tables. */
export function changesBetween(before: Config, after: Config): ConfigChange[] {
  return [...changed('', FIELDS, before, after), ...roomChanges(before, after)];
}

function roomChanges(before: Config, after: Config): ConfigChange[] {
  const was = new Map(before.rooms.map((room) => [room.id, room]));
  const is = new Map(after.rooms.map((room) => [room.id, room]));
  const gone = [...was.keys()].filter((id) => !is.has(id));
  return [
    ...gone.map((id): ConfigChange => ({ name: `rooms.${id}`, when: 'at-rest', from: 'there', to: '' })),
    ...[...is].flatMap(([id, room]): ConfigChange[] => {
      const old = was.get(id);
      if (!old) return [{ name: `rooms.${id}`, when: 'now', from: '', to: 'there' }];
      return changed(`rooms.${id}.`, ROOM_FIELDS, old, room);
    }),
  ];
}

function changed<Name extends string>(
  prefix: string,
  fields: Readonly<Record<Name, readonly [ChangeMoment, 'told' | 'untold']>>,
  before: Readonly<Record<NoInfer<Name>, unknown>>,
  after: Readonly<Record<NoInfer<Name>, unknown>>,
): ConfigChange[] {
  const names = Object.keys(fields).filter((name): name is Name => name in fields);
  return names.flatMap((name) => {
    const [from, to] = [JSON.stringify(before[name]), JSON.stringify(after[name])];
    if (from === to) return [];
    const [when, telling] = fields[name];
    const told = (json: string | undefined): string =>
      json === undefined ? '' : telling === 'told' ? json : '…';
    return [{ name: `${prefix}${name}`, when, from: told(from), to: told(to) }];
  });
}
