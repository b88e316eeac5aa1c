import * as v from 'valibot';
import { FRAME_MS } from '../../wire/format.ts';

/** Any text but none. */
export const Text = v.pipe(v.string(), v.minLength(1, 'is empty'));

/** A whole number within bounds, or its decimal text: flags and variables are text. */
export const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.union(
      [v.number(), v.pipe(v.string(), v.regex(/^\d+$/, 'is not a whole number'), v.transform(Number))],
      'is not a whole number',
    ),
    v.integer('is not a whole number'),
    v.minValue(min, `is below ${min}`),
    v.maxValue(max, `is above ${max}`),
  );

/** An amount such as 0.09. */
export const Amount = v.pipe(
  v.union(
    [
      v.number(),
      v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/, 'is not a number such as 0.09'), v.transform(Number)),
    ],
    'is not a number such as 0.09',
  ),
  v.minValue(0, 'is below 0'),
  v.maxValue(1_000_000, 'is above 1000000'),
);

/** Length of a chunk, ms. */
export const ChunkMs = v.pipe(
  wholeNumber(20, 1000),
  v.check((ms) => ms % FRAME_MS === 0, 'is not a multiple of the 20 ms frame; use 100 or 200'),
);

/** A phone number as the platform writes it. */
export const PhoneNumber = v.pipe(v.string(), v.regex(/^\d{5,15}$/, 'is not 5 to 15 digits without +'));

/** Keys of fewer bytes than the hash has bits are guessed before it is broken (RFC 7518 §3.2). */
export const Secret = v.pipe(
  v.string(),
  v.check(
    (secretText) => Buffer.byteLength(secretText) >= 32,
    'is shorter than 32 bytes; try: openssl rand -base64 32',
  ),
  v.check(
    (secretText) => Buffer.byteLength(secretText) < 32 || new Set(secretText).size >= 8,
    'has fewer than 8 different characters; try: openssl rand -base64 32',
  ),
);

/** An address of the web, path and all. */
export const WebAddress = v.pipe(
  v.string(),
  v.check(
    (url) => /^https?:\/\/[^/?#@\s]+(?:[/?][^#\s]*)?$/.test(url) && URL.canParse(url),
    'is not a web address such as https://login.example/keys (without user name and password)',
  ),
);

/** True or false, or the word. */
export const YesNo = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist(['true', 'false']),
      v.transform((word) => word === 'true'),
    ),
  ],
  'is not true or false',
);

/** The origin of a web address. */
export const Origin = v.pipe(
  v.string(),
  v.check(
    (url) => /^https?:\/\/[^/?#@\s]+$/.test(url) && URL.canParse(url),
    'is not an origin such as https://relay.example (no path, no slash at the end)',
  ),
  // As browsers write it: in lower case, without the default port.
  v.transform((url) => new URL(url).origin),
);
