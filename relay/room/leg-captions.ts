import type { CaptionMessage } from '../../wire/messages.ts';
import type { CaptionVerdict, SpokenCaption } from '../caption.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { RoomMessage } from '../room-message.ts';
import { NOTHING_WRITTEN, step, tickDueMs, type CaptionEvent } from './caption-desk.ts';

/** Speech is written down so long after it began, where nobody says when that was. */
const SPOKEN_MS = 2000;

/** What a leg's captions are made of. */
export interface LegCaptionsParts {
  epoch: number;
  clock: Clock;
  out: (message: RoomMessage) => void;
}

/** The captions of one leg: puts them on its media clock, and sends them as fast as they can be read. */
export class LegCaptions {
  readonly #parts: LegCaptionsParts;
  #desk = NOTHING_WRITTEN;
  #cancelTick: Cancel | undefined;

  constructor(parts: LegCaptionsParts) {
    this.#parts = parts;
  }

  /** Takes a caption that came when the media clock was at `mediaMs`: nothing later has been said. */
  take({ startMs, endMs, ...said }: SpokenCaption, mediaMs: number): CaptionVerdict {
    const end = Math.min(endMs ?? mediaMs, mediaMs);
    const start = Math.min(startMs ?? Math.max(0, end - SPOKEN_MS), end);
    const { epoch } = this.#parts;
    const caption: CaptionMessage = {
      type: 'caption',
      epoch,
      startMs: Math.round(start),
      endMs: Math.round(end),
      ...said,
    };
    return this.#apply({ kind: 'caption', caption });
  }

  /** Nothing more is sent. */
  close(): void {
    this.#cancelTick?.();
  }

  #apply(event: CaptionEvent): CaptionVerdict {
    const { clock, out } = this.#parts;
    const nowMs = clock.nowMs();
    const [next, action] = step(this.#desk, event, nowMs);
    this.#desk = next;
    this.#cancelTick?.();
    const dueMs = tickDueMs(next);
    this.#cancelTick =
      dueMs === null ? undefined : clock.after(dueMs - nowMs, () => this.#apply({ kind: 'tick' }));
    switch (action.kind) {
      case 'send':
        out({ kind: 'caption', caption: action.caption });
        return 'taken';
      case 'keep':
        return 'taken';
      case 'too-many':
        return 'too-many';
      default:
        return action satisfies never;
    }
  }
}
