import type { CaptionMessage, HelloMessage } from '../../wire/messages.ts';
import { Parcel } from './parcel.ts';

/** What was said so shortly ago is told to who comes late, ms on the media clock. */
const LAST_MS = 10_000;
/** More than that nobody reads in so short a time. */
const MOST = 20;

/** The last finals of a room, for who comes late. Of at most 20 it knows. */
export class LastCaptions {
  #finals: { epoch: number; endMs: number; parcel: Parcel }[] = [];

  /** Packs a caption, and keeps it where it is final. */
  pack(caption: CaptionMessage): Parcel {
    const parcel = Parcel.ofText(caption);
    const { epoch, endMs, final } = caption;
    if (final) this.#finals = [...this.#finals, { epoch, endMs, parcel }].slice(-MOST);
    return parcel;
  }

  /** Those of the last 10 s before a `hello`, in the order in which they came. */
  before({ epoch, mediaMs }: Pick<HelloMessage, 'epoch' | 'mediaMs'>): Parcel[] {
    if (mediaMs === null) return [];
    const recent = this.#finals.filter((final) => final.epoch === epoch && mediaMs - final.endMs <= LAST_MS);
    return recent.map(({ parcel }) => parcel);
  }
}
