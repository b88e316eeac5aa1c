import * as v from 'valibot';
import { CAPTION_CHARS } from '../../wire/messages.ts';
import type { SpokenCaption } from '../caption.ts';

/** Spaces, and what is no character or moves the rest of a page about: controls, breaks, changes of direction, halves of
 * pairs. */
const UNPRINTABLE = /[ \p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** What people read: on one line, and no longer than the protocol takes. */
const printed = (chars: number) =>
  v.pipe(
    v.string('is no text'),
    v.transform((text) => text.replace(UNPRINTABLE, ' ').trim()),
    v.maxLength(chars, `has more than ${chars} characters`),
  );

const MediaMs = v.pipe(
  v.number('is no number'),
  v.finite('is no number'),
  v.minValue(0, 'is before the first sound'),
);

const Caption = v.object(
  {
    id: v.pipe(printed(CAPTION_CHARS.id), v.minLength(1, 'is empty')),
    startMs: v.exactOptional(MediaMs),
    endMs: v.exactOptional(MediaMs),
    text: printed(CAPTION_CHARS.text),
    final: v.boolean('is neither true nor false'),
    speaker: v.exactOptional(printed(CAPTION_CHARS.speaker)),
    lang: v.exactOptional(
      v.pipe(
        v.string('is no text'),
        v.maxLength(CAPTION_CHARS.lang, `has more than ${CAPTION_CHARS.lang} characters`),
        v.regex(/^[a-z\d]{1,8}(-[a-z\d]{1,8})*$/i, 'is no language'),
      ),
    ),
  },
  'is missing or of another kind',
);

/** Result of {@link readCaption}. */
export type CaptionReading = { kind: 'caption'; caption: SpokenCaption } | { kind: 'fault'; detail: string };

/** Reads a caption that was handed in, unknown fields left out. The detail names the field, and quotes nothing of it. */
export function readCaption(value: unknown): CaptionReading {
  const reading = v.safeParse(Caption, value, { abortEarly: true });
  if (reading.success) return { kind: 'caption', caption: reading.output };
  const [issue] = reading.issues;
  const field = v.getDotPath(issue);
  return { kind: 'fault', detail: `${field === null ? 'it' : `"${field}"`} ${issue.message}` };
}
