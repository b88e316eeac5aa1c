/** What may carry a room's messages, best first. */
export const TRANSPORTS = ['websocket', 'stream', 'poll'] as const;

/** One of {@link TRANSPORTS}. */
export type Transport = (typeof TRANSPORTS)[number];

/** Where what a line carries goes; never called before the function that opens the line has returned. */
export interface LineOutlet {
  /** A text, the bytes of a chunk, or undefined: a sign of life and no more. */
  onData(data: string | Uint8Array | undefined): void;
  /** The line is gone: a close code of wire/PROTOCOL.md, or one below 4000 where the network has ended it. */
  onClosed(code: number, reason: string): void;
}

/** One connection to a room, whatever it is made of. */
export interface Line {
  /** Says something to the relay; absent over HTTP. Only after its first words. */
  send?(text: string): void;
  /** Ends it; what still comes out is to be ignored. */
  close(): void;
}
