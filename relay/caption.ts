/** A piece of what was said, as whoever writes it down hands it in: read, and within its bounds. */
export interface SpokenCaption {
  /** The same one replaces what it said before. */
  id: string;
  /** Of the sound that it belongs to, on the epoch's media clock, ms; by default the 2 s before it came. */
  startMs?: number;
  endMs?: number;
  text: string;
  /** It will not change any more. */
  final: boolean;
  speaker?: string;
  /** BCP 47. */
  lang?: string;
}

/** What became of a caption. `not-live`: no sound of the room has been heard that it could belong to. */
export type CaptionVerdict = 'taken' | 'not-live' | 'too-many';
