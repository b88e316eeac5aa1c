/** The listener socket's subprotocol, and its version in `hello.protocol`. */
export const SUBPROTOCOL = 'conf.v1';

/** Version of the messages: `hello.protocol`. */
export const PROTOCOL_VERSION = 1;

/** A ticket travels as an offered subprotocol of this prefix and the ticket; the relay never echoes it. */
export const TICKET_PREFIX = 'bearer.';

/**
 * What listeners are told of a room. `waiting`: the leg is up, nobody there yet. `unavailable`: the platform
 * refuses, the relay keeps trying.
 */
export const ROOM_STATES = ['idle', 'connecting', 'waiting', 'live', 'ended', 'unavailable'] as const;

/** One of {@link ROOM_STATES}. */
export type RoomState = (typeof ROOM_STATES)[number];

/** First message of every connection. Media fields are null while no leg is up. */
export interface HelloMessage {
  type: 'hello';
  protocol: number;
  room: string;
  title: string;
  state: RoomState;
  /** Of the leg that is up, Unix milliseconds. */
  epoch: number | null;
  /** Samples a second, mono. */
  sampleRate: number | null;
  /** Length of a chunk, milliseconds. */
  chunkMs: number;
  /** The epoch's media clock at the moment of sending, milliseconds. */
  mediaMs: number | null;
  /** The window over which a player spreads its reconnect, milliseconds. */
  retryWindowMs: number;
  /** Connected listeners, where the room shows them. */
  listeners?: number;
}

/** The room's state changed. */
export interface StateMessage {
  type: 'state';
  state: RoomState;
}

/** The epoch's media clock at the moment of sending; at least every 5 s while a leg is up. */
export interface ClockMessage {
  type: 'clock';
  epoch: number;
  mediaMs: number;
}

/** The relay is about to close the connection. `retryInMs` is absent when coming back is of no use. */
export interface ByeMessage {
  type: 'bye';
  /** One of {@link CloseCode}. */
  code: number;
  reason: string;
  retryInMs?: number;
}

/** What a relay sends as text. */
export type RelayMessage = HelloMessage | StateMessage | ClockMessage | ByeMessage;

/** A new ticket before the old one runs out. */
export interface AuthMessage {
  type: 'auth';
  token: string;
}

/** What a listener may send as text. */
export type ListenerMessage = AuthMessage;

/** Why a text is not a message. */
export type MessageFault = 'not-json' | 'not-an-object' | 'no-type' | 'bad-field';

/** Result of parsing a text: a message, one of a type this version does not know, or a fault. Never an exception. */
export type Parsed<Message> =
  | { kind: 'message'; message: Message }
  | { kind: 'unknown'; type: string }
  | { kind: 'fault'; code: MessageFault; detail: string };

/** Close codes of the listener socket (PROTOCOL.md, "Close codes"). */
export const CloseCode = {
  goingAway: 4000,
  tooSlow: 4008,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  notFound: 4404,
  superseded: 4409,
  tooMany: 4429,
} as const;

/** Whether a player reconnects by itself after this close code: everything below 4400. */
export function isRetryable(closeCode: number): boolean {
  return closeCode < CloseCode.badRequest;
}

/** Reads a text from the relay. Unknown fields are dropped. */
export function parseRelayMessage(text: string): Parsed<RelayMessage> {
  const fields = parseFields(text);
  if (fields.kind !== 'fields') return fields;
  const { type, get } = fields;
  try {
    switch (type) {
      case 'hello':
        return {
          kind: 'message',
          message: {
            type,
            protocol: get.number('protocol'),
            room: get.string('room'),
            title: get.string('title'),
            state: get.state('state'),
            epoch: get.numberOrNull('epoch'),
            sampleRate: get.numberOrNull('sampleRate'),
            chunkMs: get.number('chunkMs'),
            mediaMs: get.numberOrNull('mediaMs'),
            retryWindowMs: get.number('retryWindowMs'),
            ...get.optional('listeners', get.number),
          },
        };
      case 'state':
        return { kind: 'message', message: { type, state: get.state('state') } };
      case 'clock':
        return {
          kind: 'message',
          message: { type, epoch: get.number('epoch'), mediaMs: get.number('mediaMs') },
        };
      case 'bye':
        return {
          kind: 'message',
          message: {
            type,
            code: get.number('code'),
            reason: get.string('reason'),
            ...get.optional('retryInMs', get.number),
          },
        };
      default:
        return { kind: 'unknown', type };
    }
  } catch (error) {
    return badField(error);
  }
}

/** Reads a text from a listener. Unknown fields are dropped. */
export function parseListenerMessage(text: string): Parsed<ListenerMessage> {
  const fields = parseFields(text);
  if (fields.kind !== 'fields') return fields;
  const { type, get } = fields;
  if (type !== 'auth') return { kind: 'unknown', type };
  try {
    return { kind: 'message', message: { type, token: get.string('token') } };
  } catch (error) {
    return badField(error);
  }
}

class BadField extends Error {}

function badField(error: unknown): Parsed<never> {
  if (error instanceof BadField) return { kind: 'fault', code: 'bad-field', detail: error.message };
  throw error;
}

type Fields = { kind: 'fields'; type: string; get: FieldReader } | Extract<Parsed<never>, { kind: 'fault' }>;

function parseFields(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'fault', code: 'not-json', detail: 'the text is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'fault', code: 'not-an-object', detail: 'the JSON is not an object' };
  }
  const get = new FieldReader(new Map(Object.entries(value)));
  const type = get.value('type');
  if (typeof type !== 'string') return { kind: 'fault', code: 'no-type', detail: 'the object has no "type"' };
  return { kind: 'fields', type, get };
}

/** Reads typed fields of a foreign object; a field of another type throws {@link BadField} naming it. */
class FieldReader {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(fields: ReadonlyMap<string, unknown>) {
    this.#fields = fields;
  }

  value(name: string): unknown {
    return this.#fields.get(name);
  }

  number = (name: string): number => {
    const value = this.#fields.get(name);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new BadField(`"${name}" is not a finite number`);
  };

  numberOrNull = (name: string): number | null =>
    this.#fields.get(name) === null ? null : this.number(name);

  string = (name: string): string => {
    const value = this.#fields.get(name);
    if (typeof value === 'string') return value;
    throw new BadField(`"${name}" is not a string`);
  };

  state = (name: string): RoomState => {
    const value = this.#fields.get(name);
    const state = ROOM_STATES.find((known) => known === value);
    if (state) return state;
    throw new BadField(`"${name}" is not a room state`);
  };

  optional<Name extends string, Value>(name: Name, read: (name: Name) => Value): { [key in Name]?: Value } {
    if (!this.#fields.has(name)) return {};
    const found: { [key in Name]?: Value } = {};
    found[name] = read(name);
    return found;
  }
}
