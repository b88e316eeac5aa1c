import type { RoomConfig } from './config/room-config.ts';
import type { AudienceStatus, LegSound, LegStatus, OperatedRoom } from './relay-status.ts';
import type { RoomStatus } from './room-message.ts';

/** A room as `GET /v1/rooms/{room}` tells it. */
export interface RoomDescription extends Omit<RoomStatus, 'opensAtMs'> {
  title: string;
  chunkMs: number;
  /** The media clock now, milliseconds; null while no leg is up. */
  mediaMs: number | null;
  /** Only where the room shows them. */
  listeners?: number;
  /** When its schedule opens it, Unix ms; only where it is closed and that is known. */
  opensAt?: number;
}

/** What a running room tells of itself. */
export interface LiveRoom {
  describe(): RoomStatus & { mediaMs: number | null; listeners: number };
}

/** What anybody may know of a room; undefined where there is none. */
export function describeRoom(
  live: LiveRoom | undefined,
  room: RoomConfig | undefined,
): RoomDescription | undefined {
  if (!live || !room) return undefined;
  const { state, epoch, sampleRate, mediaMs, listeners, opensAtMs } = live.describe();
  return {
    title: room.title,
    state,
    epoch,
    sampleRate,
    chunkMs: room.chunkMs,
    mediaMs: mediaMs === null ? null : Math.round(mediaMs),
    ...(room.showListeners && { listeners }),
    ...(opensAtMs !== undefined && { opensAt: opensAtMs }),
  };
}

/** A leg that is connected, as its room tells of it. */
export interface ConnectedLeg {
  legId: string | null;
  /** Of the media clock: a leg that has replaced another goes on with that one's. */
  epoch: number;
  /** Unix milliseconds when it connected. */
  openedAtMs: number;
  /** Until the platform ends it; null where nothing does. */
  endsInMs: number | null;
  sound: LegSound;
  levelDbfs: number | null;
}

/** A running room as its operator's desk needs it. */
export interface OperableRoom {
  describe(): ReturnType<LiveRoom['describe']> & { leg: ConnectedLeg | null };
}

/** Who listens to a room here, and how long their pings take. */
export interface RoomAudience {
  listeners: AudienceStatus;
  rttMs: { p50: number; p95: number } | null;
}

/** A room as its operator reads it at `wallMs`. */
export function operatedRoom(
  { id, title, access, source }: RoomConfig,
  { state, opensAtMs, leg }: ReturnType<OperableRoom['describe']>,
  audience: RoomAudience,
  problems: OperatedRoom['problems'],
  wallMs: number,
): OperatedRoom {
  return {
    room: id,
    title,
    access,
    source,
    state,
    ...audience,
    leg: leg && legStatusOf(leg, wallMs),
    opensAtMs: opensAtMs ?? null,
    problems,
  };
}

/** A leg as its operator reads it at `wallMs`, in whole seconds. */
export function legStatusOf({ openedAtMs, endsInMs, ...leg }: ConnectedLeg, wallMs: number): LegStatus {
  return {
    ...leg,
    ageSec: Math.max(0, Math.round((wallMs - openedAtMs) / 1000)),
    endsInSec: endsInMs === null ? null : Math.max(0, Math.round(endsInMs / 1000)),
  };
}

/** The room under a dialled number; a relay with one room and no numbers has no doubt. */
export function dialledRoom(rooms: readonly RoomConfig[], number: string): RoomConfig | undefined {
  const dialled = rooms.filter(({ source }) => source === 'vonage');
  const found = dialled.find((room) => room.number === number);
  return found ?? (dialled.length === 1 && dialled[0]?.number === undefined ? dialled[0] : undefined);
}
