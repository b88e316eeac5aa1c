import type { RoomId } from '../../wire/room-id.ts';
import type { Schedule } from '../schedule.ts';
import type { RoomSettings } from './room-settings.ts';
import type { Settings } from './settings.ts';

/** A room as the relay runs it. */
export interface RoomConfig {
  id: RoomId;
  title: string;
  source: 'vonage' | 'l16';
  conversation: string;
  number: string | undefined;
  /** What talkers key in; undefined where nobody is asked. */
  pin: string | undefined;
  /** What the host keys in; the room is moderated where there is one. */
  hostPin: string | undefined;
  access: 'open' | 'origin' | 'ticket';
  /** Pages of which origins may play it (origins.ts); empty: of any. */
  origins: readonly string[];
  silence: 'suppress' | 'send';
  showListeners: boolean;
  chunkMs: number;
  lingerMs: number;
  maxListeners: number;
  /** Where its calls are asked for; undefined where the application's host will do. */
  apiHost: string | undefined;
  /** When it is open; undefined: always. */
  schedule: Schedule | undefined;
}

/** A room with what it has of the relay's settings; `source` where it names none. */
export function resolveRoom(room: RoomSettings, settings: Settings, source: 'vonage' | 'l16'): RoomConfig {
  const { id, title, conversation, number, pin, hostPin, origins = [], silence, showListeners } = room;
  return {
    id,
    number,
    pin,
    hostPin,
    access: room.access ?? (origins.length > 0 ? 'origin' : 'open'),
    origins,
    silence,
    showListeners,
    chunkMs: room.chunkMs ?? settings.chunkMs,
    lingerMs: room.lingerMs ?? settings.lingerMs,
    maxListeners: room.maxListeners ?? settings['limits.perRoom'],
    apiHost: room.apiHost,
    schedule: room.schedule,
    title: title ?? id,
    source: room.source ?? source,
    conversation: conversation ?? id,
  };
}
