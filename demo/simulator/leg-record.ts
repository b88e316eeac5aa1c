import type { SampleRate } from '../../wire/format.ts';
import type { Call } from './call.ts';
import type { CallStatus, StatusEntry } from './call-status.ts';
import type { LegMedia } from './leg-media.ts';
import type { LegSocket } from './leg-socket.ts';

/** A live view of one WebSocket leg. Times are Unix milliseconds. */
export interface LegRecord {
  readonly uuid: string;
  readonly conversationUuid: string;
  /** Name of the conversation it is in, was in, or is going to join. */
  readonly conversation: string | undefined;
  readonly uri: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly sampleRate: SampleRate;
  readonly status: CallStatus;
  readonly statusHistory: readonly StatusEntry[];
  readonly createdAtMs: number;
  readonly openedAtMs: number | undefined;
  readonly closedAtMs: number | undefined;
  /** As this side saw it: 1006 when there was no close frame. */
  readonly closeCode: number | undefined;
  /** Of a refused upgrade. */
  readonly refusedStatus: number | undefined;
  /** Frames sent. */
  readonly sent: number;
  /** Frames dropped because a second of sound was waiting in the socket. */
  readonly dropped: number;
  /** Messages from the relay, binary and text. */
  readonly receivedMessages: number;
  /** Their bytes. A listen-only relay sends none. */
  readonly receivedBytes: number;
  /** Hang-ups by REST that were accepted. */
  readonly hangUps: number;
  /** Time of frame 0. Frame k is due at `mediaStartMs + 20 k`. */
  readonly mediaStartMs: number | undefined;
  /** Frame k of the leg is frame `firstSourceFrame + k` of its conversation's source. */
  readonly firstSourceFrame: number | undefined;
  /** When frame k went out; `undefined` when it did not, or when `recordSendTimes` is off. */
  sentAtMs(frameIndex: number): number | undefined;
  /** The second socket of the fault `secondSocket`. */
  readonly secondSocket: SocketLife | undefined;
}

/** What became of one socket. */
export interface SocketLife {
  openedAtMs: number | undefined;
  closedAtMs: number | undefined;
  closeCode: number | undefined;
  refusedStatus: number | undefined;
  /** Undefined until it is dialled. */
  socket: LegSocket | undefined;
}

/** The parts a leg's record is read from, as they stand now. */
export interface LegParts {
  readonly call: Call;
  readonly media: LegMedia;
  readonly uri: string;
  readonly headers: Record<string, unknown>;
  sampleRate: SampleRate;
  hangUps: number;
  firstSourceFrame: number | undefined;
  readonly first: SocketLife;
  second: SocketLife | undefined;
}

/** A socket that has not been dialled. */
export function noSocket(): SocketLife {
  return {
    openedAtMs: undefined,
    closedAtMs: undefined,
    closeCode: undefined,
    refusedStatus: undefined,
    socket: undefined,
  };
}

/** The parts of a leg that has not been dialled. */
export function newParts(
  call: Call,
  media: LegMedia,
  { uri, headers }: Pick<LegParts, 'uri' | 'headers'>,
  sampleRate: SampleRate,
): LegParts {
  return {
    call,
    media,
    uri,
    headers,
    sampleRate,
    hangUps: 0,
    firstSourceFrame: undefined,
    first: noSocket(),
    second: undefined,
  };
}

/** The view of a leg that tests and pages get. */
export function recordOf(parts: LegParts): LegRecord {
  const { call, media, first } = parts;
  return {
    uuid: call.uuid,
    uri: parts.uri,
    headers: parts.headers,
    statusHistory: call.history,
    createdAtMs: call.createdAtMs,
    get conversationUuid() {
      return call.conversationUuid;
    },
    get conversation() {
      return call.conversation;
    },
    get sampleRate() {
      return parts.sampleRate;
    },
    get status() {
      return call.status;
    },
    get openedAtMs() {
      return first.openedAtMs;
    },
    get closedAtMs() {
      return first.closedAtMs;
    },
    get closeCode() {
      return first.closeCode;
    },
    get refusedStatus() {
      return first.refusedStatus;
    },
    get sent() {
      return first.socket?.counts.sent ?? 0;
    },
    get dropped() {
      return first.socket?.counts.dropped ?? 0;
    },
    get receivedMessages() {
      return sumOf(parts, 'receivedMessages');
    },
    get receivedBytes() {
      return sumOf(parts, 'receivedBytes');
    },
    get hangUps() {
      return parts.hangUps;
    },
    get mediaStartMs() {
      return media.startMs;
    },
    get firstSourceFrame() {
      return parts.firstSourceFrame;
    },
    get secondSocket() {
      return parts.second;
    },
    sentAtMs: (frameIndex) => media.sentAtMs(frameIndex),
  };
}

function sumOf(parts: LegParts, count: 'receivedMessages' | 'receivedBytes'): number {
  return (parts.first.socket?.counts[count] ?? 0) + (parts.second?.socket?.counts[count] ?? 0);
}
