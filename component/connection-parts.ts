import type { Chunk } from '../wire/chunk.ts';
import type { ByeMessage, RelayMessage } from '../wire/messages.ts';
import type { Fault } from './player-error.ts';
import type { TicketSource } from './ticket-source.ts';

/** Where a connection's news go. */
export interface ConnectionOutlet {
  /** A connection begins: its `hello` follows. */
  onOpened(): void;
  /** A `hello` comes first, and again with every answer of a poll. */
  onMessage(message: Exclude<RelayMessage, ByeMessage>): void;
  /** Each sample comes once, across connections too; their numbers grow within one only. */
  onChunk(chunk: Chunk): void;
  /** The connection is gone; try number `attempt` (from 1) comes by itself. */
  onLost(attempt: number): void;
  /** The connection is gone for good. */
  onFailed(error: Fault): void;
}

/** What a connection is made of. The defaults are the browser's own; tests bring theirs. */
export interface ConnectionOptions {
  /** The listener socket's address, ws: or wss:. */
  url: string;
  /** Where its tickets come from; used by one connection at a time. */
  tickets: TicketSource;
  outlet: ConnectionOutlet;
  WebSocket?: typeof WebSocket;
  fetch?: typeof fetch;
  /** In [0, 1). */
  random?: () => number;
  /** A connection that is silent for this long while a leg is up is dead, ms. */
  silentMs?: number;
}

/** Counts of a connection; they only grow. */
export interface ConnectionCounters {
  /** Messages that are neither a chunk nor a message of the protocol. */
  faults: number;
  /** Chunks that had come before: the relay begins every connection with its last second. */
  repeated: number;
  /** Connections made again after a loss. */
  reconnects: number;
  /** Bytes of chunks received. */
  bytes: number;
}
