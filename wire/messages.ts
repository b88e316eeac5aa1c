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
  /** When the room opens, Unix milliseconds, where it is closed and that is known. */
  opensAt?: number;
  /** What the operator has to say to who listens; absent where that is nothing. */
  notice?: string;
}

/** The room's state changed; `opensAt` as in `hello`. */
export interface StateMessage {
  type: 'state';
  state: RoomState;
  opensAt?: number;
}

/** The epoch's media clock at the moment of sending; at least every 5 s while a leg is up. */
export interface ClockMessage {
  type: 'clock';
  epoch: number;
  mediaMs: number;
  /** Nobody speaks: until the next chunk, silence is all there is, and no chunk is missing. */
  quiet?: boolean;
}

/** The relay is about to close the connection. `retryInMs` is absent when coming back is of no use. */
export interface ByeMessage {
  type: 'bye';
  /** One of {@link CloseCode}. */
  code: number;
  reason: string;
  retryInMs?: number;
}

/** What was said, as text. The same `id` replaces what it said before; with `final` it is said for good, once. */
export interface CaptionMessage {
  type: 'caption';
  /** At most 64 characters. */
  id: string;
  epoch: number;
  /** Of the sound that it belongs to, on the epoch's media clock, milliseconds. */
  startMs: number;
  endMs: number;
  /** At most 500 characters. */
  text: string;
  final: boolean;
  /** A name, at most 80 characters. */
  speaker?: string;
  /** BCP 47, at most 35 characters. */
  lang?: string;
}

/** What the operator says to who listens ({@link isNoticeText}), in place of what was said before; '' takes that back. */
export interface NoticeMessage {
  type: 'notice';
  text: string;
  /** When it will be taken back, Unix milliseconds. */
  until?: number;
}

/** The number of listeners has changed, where the room shows it. */
export interface MetaMessage {
  type: 'meta';
  listeners: number;
}

/** What a relay sends as text. */
export type RelayMessage =
  | HelloMessage
  | StateMessage
  | ClockMessage
  | CaptionMessage
  | MetaMessage
  | NoticeMessage
  | ByeMessage;

/** A new ticket before the old one runs out. */
export interface AuthMessage {
  type: 'auth';
  token: string;
}

/** What a listener may send as text. */
export type ListenerMessage = AuthMessage;

/** Why a text is not a message. */
export type MessageFault = 'not-json' | 'not-an-object' | 'no-type' | 'bad-field';

/** Result of parsing a text: a message, one of a type this version does not know, or a fault. Never an exception.
 * `detail` names the field at fault, where it is one. */
export type Parsed<Message> =
  | { kind: 'message'; message: Message }
  | { kind: 'unknown'; type: string }
  | { kind: 'fault'; code: MessageFault; detail: string };

/** The most characters (UTF-16 units) that the fields of a caption have. */
export const CAPTION_CHARS = { id: 64, text: 500, speaker: 80, lang: 35 } as const;

/** The most characters (UTF-16 units) that a notice has. */
export const NOTICE_CHARS = 200;

/** Whether a text may be a notice: plain, on one line, 200 characters at most. */
export function isNoticeText(text: unknown): boolean {
  return typeof text === 'string' && text.length <= NOTICE_CHARS && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}

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

/** Reads a text from the relay. Unknown fields stay where they are, unread. */
export function parseRelayMessage(text: string): Parsed<RelayMessage> {
  return parse<RelayMessage>(text, {
    hello: {
      protocol: isNumber,
      room: isText,
      title: isText,
      state: isState,
      epoch: isNumberOrNull,
      sampleRate: isNumberOrNull,
      chunkMs: isNumber,
      mediaMs: isNumberOrNull,
      retryWindowMs: isNumber,
      listeners: orAbsent(isNumber),
      opensAt: orAbsent(isNumber),
      notice: orAbsent(isNoticeText),
    },
    state: { state: isState, opensAt: orAbsent(isNumber) },
    clock: { epoch: isNumber, mediaMs: isNumber, quiet: orAbsent(isFlag) },
    caption: {
      id: isTextUpTo(CAPTION_CHARS.id),
      epoch: isNumber,
      startMs: isNumber,
      endMs: isNumber,
      text: isTextUpTo(CAPTION_CHARS.text),
      final: isFlag,
      speaker: orAbsent(isTextUpTo(CAPTION_CHARS.speaker)),
      lang: orAbsent(isTextUpTo(CAPTION_CHARS.lang)),
    },
    meta: { listeners: isNumber },
    notice: { text: isNoticeText, until: orAbsent(isNumber) },
    bye: { code: isNumber, reason: isText, retryInMs: orAbsent(isNumber) },
  });
}

/** Reads a text from a listener. Unknown fields stay where they are, unread. */
export function parseListenerMessage(text: string): Parsed<ListenerMessage> {
  return parse<ListenerMessage>(text, { auth: { token: isText } });
}

type Guard = (field: unknown) => boolean;

/** A guard for every field of every message, by type: one forgotten does not compile. */
type Guards<Message extends { type: string }> = {
  readonly [Type in Message['type']]: {
    readonly [Field in Exclude<keyof Extract<Message, { type: Type }>, 'type'>]-?: Guard;
  };
};

const isNumber: Guard = (field) => Number.isFinite(field);
const isNumberOrNull: Guard = (field) => field === null || isNumber(field);
const isFlag: Guard = (field) => typeof field === 'boolean';
const isText: Guard = (field) => typeof field === 'string';
const isTextUpTo =
  (chars: number): Guard =>
  (field) =>
    typeof field === 'string' && field.length <= chars;
const orAbsent =
  (guard: Guard): Guard =>
  (field) =>
    field === undefined || guard(field);
const isState: Guard = (field) => ROOM_STATES.some((state) => state === field);

function parse<Message extends { type: string }>(text: string, guards: Guards<Message>): Parsed<Message> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault('not-json', '');
  }
  if (!isObject(value)) return fault('not-an-object', '');
  const { type } = value;
  if (typeof type !== 'string') return fault('no-type', '');
  // A Map: of an object, foreign text would find "constructor" too.
  const known = new Map<string, Readonly<Record<string, Guard>>>(Object.entries(guards)).get(type);
  if (!known) return { kind: 'unknown', type };

  let badField: string | undefined;
  const fits = (fields: Record<string, unknown>): fields is Record<string, unknown> & Message => {
    badField = Object.keys(known).find((name) => !known[name]?.(fields[name]));
    return !badField;
  };
  if (fits(value)) return { kind: 'message', message: value };
  return fault('bad-field', `"${badField}" is missing or of another kind`);
}

function fault(code: MessageFault, detail: string): { kind: 'fault'; code: MessageFault; detail: string } {
  return { kind: 'fault', code, detail };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
