import type { CaptionMessage } from '../../wire/messages.ts';

/** Four partials a second and no more: what is read changes no faster. */
const PARTIAL_EVERY_MS = 250;
/** So many finals within a second are more than anybody says. */
const MOST_FINALS = 10;
const FINALS_WINDOW_MS = 1000;
/** Ids that are remembered as said for good. */
const REMEMBERED = 64;

/** What is known of a leg's captions. Times are monotonic ms. */
export interface CaptionDesk {
  /** The newest partial, while it is too early to send it. */
  held: CaptionMessage | null;
  /** The partial that was sent last. */
  sent: CaptionMessage | null;
  sentAtMs: number;
  /** When the last finals came, oldest first. */
  finalsAtMs: readonly number[];
  /** What was said for good, oldest first. */
  finalIds: readonly string[];
}

/** A leg of which nothing has been written down. */
export const NOTHING_WRITTEN: CaptionDesk = {
  held: null,
  sent: null,
  sentAtMs: Number.NEGATIVE_INFINITY,
  finalsAtMs: [],
  finalIds: [],
};

/** What the desk is told. */
export type CaptionEvent = { kind: 'caption'; caption: CaptionMessage } | { kind: 'tick' };

/** `send`: this goes out now · `keep`: nothing does · `too-many`: the final is refused. */
export type CaptionAction =
  | { kind: 'send'; caption: CaptionMessage }
  | { kind: 'keep' }
  | { kind: 'too-many' };

/**
 * Decides what becomes of a leg's captions: each final goes out once, and of the partials four a second, the newest of
 * those that come too fast. What says nothing new, or comes after its final, is passed over. Pure.
 */
export function step(desk: CaptionDesk, event: CaptionEvent, nowMs: number): [CaptionDesk, CaptionAction] {
  switch (event.kind) {
    case 'caption':
      if (desk.finalIds.includes(event.caption.id)) return [desk, { kind: 'keep' }];
      return event.caption.final
        ? finalOn(desk, event.caption, nowMs)
        : partialOn(desk, event.caption, nowMs);
    case 'tick':
      return desk.held ? partialOn(desk, desk.held, nowMs) : [desk, { kind: 'keep' }];
    default:
      return event satisfies never;
  }
}

/** When a `tick` is due, on the clock of {@link step}; null while nothing is held. */
export function tickDueMs({ held, sentAtMs }: CaptionDesk): number | null {
  return held && sentAtMs + PARTIAL_EVERY_MS;
}

function finalOn(desk: CaptionDesk, caption: CaptionMessage, nowMs: number): [CaptionDesk, CaptionAction] {
  const finalsAtMs = desk.finalsAtMs.filter((atMs) => nowMs - atMs < FINALS_WINDOW_MS);
  if (finalsAtMs.length >= MOST_FINALS) return [desk, { kind: 'too-many' }];
  const next: CaptionDesk = {
    ...desk,
    held: heldBeside(desk, caption),
    finalsAtMs: [...finalsAtMs, nowMs],
    finalIds: [...desk.finalIds, caption.id].slice(-REMEMBERED),
  };
  return [next, { kind: 'send', caption }];
}

function partialOn(desk: CaptionDesk, caption: CaptionMessage, nowMs: number): [CaptionDesk, CaptionAction] {
  const { sent, sentAtMs } = desk;
  if (sent?.id === caption.id && sent.text === caption.text)
    return [{ ...desk, held: heldBeside(desk, caption) }, { kind: 'keep' }];
  if (nowMs - sentAtMs < PARTIAL_EVERY_MS) return [{ ...desk, held: caption }, { kind: 'keep' }];
  return [
    { ...desk, held: null, sent: caption, sentAtMs: nowMs },
    { kind: 'send', caption },
  ];
}

/** What is held of others: this caption says more than what is held of its own. */
function heldBeside({ held }: CaptionDesk, { id }: CaptionMessage): CaptionMessage | null {
  return held?.id === id ? null : held;
}
