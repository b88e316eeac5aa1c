import type { CaptionTrack } from '../voice/caption-track.ts';
import { FRAME_MS } from '../../wire/format.ts';
import type { Cancel, Clock } from './clock.ts';
import type { LegRecord } from './leg-record.ts';

/** A caption as a relay takes it, on the media clock of the leg, ms. */
export interface ScriptedCaption {
  id: string;
  startMs: number;
  endMs: number;
  text: string;
  final: boolean;
  speaker: string;
  lang: string;
}

/** What a leg is known by to whoever writes down its sound. */
export type WrittenLeg = Pick<LegRecord, 'conversation' | 'mediaStartMs' | 'firstSourceFrame' | 'closedAtMs'>;

/** What a caption script is made of. */
export interface CaptionScriptParts {
  /** The captions of what each conversation plays. */
  tracks: ReadonlyMap<string, { captions(): CaptionTrack }>;
  /** All legs, oldest first. */
  legs: () => readonly WrittenLeg[];
  /** Writes a caption down. */
  send: (conversation: string, caption: ScriptedCaption) => void;
  clock: Clock;
}

const LOOK_EVERY_MS = 100;
/** What is due since longer, after a machine has slept, is left out. */
const MOST_LATE_MS = 2000;

/**
 * Stands in for a speech-to-text beside the conference: sends the captions of what a conversation plays, in step with
 * its newest leg, for as long as that is up.
 */
export class CaptionScript {
  readonly #parts: CaptionScriptParts;
  /** Up to where each conversation's sound has been written down, ms of its source. */
  readonly #writtenMs = new Map<string, number>();
  #cancel: Cancel;

  constructor(parts: CaptionScriptParts) {
    this.#parts = parts;
    const look = (): void => {
      this.#cancel = parts.clock.after(LOOK_EVERY_MS, look);
      for (const conversation of parts.tracks.keys()) this.#write(conversation);
    };
    this.#cancel = parts.clock.after(LOOK_EVERY_MS, look);
  }

  /** Nothing more is sent. */
  close(): void {
    this.#cancel();
  }

  #write(conversation: string): void {
    const { clock, legs, send, tracks } = this.#parts;
    const leg = legs().findLast((each) => each.conversation === conversation);
    const track = tracks.get(conversation)?.captions();
    const { mediaStartMs, firstSourceFrame, closedAtMs } = leg ?? {};
    if (!track || mediaStartMs === undefined || firstSourceFrame === undefined || closedAtMs !== undefined) {
      this.#writtenMs.delete(conversation);
      return;
    }
    const legStartMs = firstSourceFrame * FRAME_MS;
    const nowMs = legStartMs + clock.nowMs() - mediaStartMs;
    const fromMs = Math.max(this.#writtenMs.get(conversation) ?? nowMs, legStartMs, nowMs - MOST_LATE_MS);
    this.#writtenMs.set(conversation, nowMs);
    for (const caption of dueBetween(track, fromMs, nowMs)) {
      send(conversation, {
        ...caption,
        startMs: Math.max(0, Math.round(caption.startMs - legStartMs)),
        endMs: Math.max(0, Math.round(caption.endMs - legStartMs)),
      });
    }
  }
}

/** The captions that come after `fromMs` and not after `toMs` of a recording that is played over and over. */
export function dueBetween(
  { cues, lengthMs }: CaptionTrack,
  fromMs: number,
  toMs: number,
): ScriptedCaption[] {
  const due: ScriptedCaption[] = [];
  for (let round = Math.floor(fromMs / lengthMs); round * lengthMs <= toMs; round++) {
    const roundMs = round * lengthMs;
    for (const { atMs, sentence, startMs, endMs, ...said } of cues) {
      if (roundMs + atMs <= fromMs || roundMs + atMs > toMs) continue;
      const id = `${round}-${sentence}`;
      due.push({ id, startMs: roundMs + startMs, endMs: roundMs + endMs, ...said, lang: 'en' });
    }
  }
  return due;
}
