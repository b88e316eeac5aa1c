import type { SampleRate } from '../wire/format.ts';
import type { CaptionVerdict, SpokenCaption } from './caption.ts';

/** How a leg's socket ended. `ended`: the far side closed it in order; `lost`: it broke, stalled or was faulty. */
export type LegEnd = 'ended' | 'lost';

/** Where an ingest puts what it hears of one admitted leg. After `closed` nothing more is called. */
export interface LegSink {
  /** The leg said its format; frames follow. */
  opened(sampleRate: SampleRate): void;
  /** One frame: 20 ms of 16-bit mono PCM, or less of it (whole samples). The bytes are the sink's to keep. */
  frame(pcm: Uint8Array): void;
  /** What was said, as text. */
  caption(spoken: SpokenCaption): CaptionVerdict;
  /** The platform stops (`true`) or resumes sending frames on purpose. */
  held(held: boolean): void;
  /** Last call. */
  closed(end: LegEnd): void;
}

/** What the room holds of a connected leg. */
export interface LegHandle {
  /** Closes the socket with a code of `wire/messages.ts`; the sink then hears `closed`. */
  close(code: number, reason: string): void;
}

/** A room's answer to a leg at the door. `superseded`: the ticket was right once, or a leg is there already. */
export type Admission =
  | { kind: 'admitted'; sink: (handle: LegHandle) => LegSink }
  | { kind: 'refused'; why: 'superseded' | 'not-expected' };

/** What became of a request for a leg. `code` is stable, for the log; nothing secret. */
export type CallOutcome =
  | { kind: 'placed'; legId: string }
  | { kind: 'refused'; code: string; retryAfterMs: number | null };
