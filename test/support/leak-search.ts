/** What must not be told. `code` is a PIN or what was keyed in; `shape` is what looks like a secret and is not known. */
export type SecretKind = 'secret' | 'ticket' | 'code' | 'number' | 'shape';

/** A secret that was told: of which kind, and where in the message (`fields.message`), never which. */
export interface Leak {
  kind: SecretKind;
  at: string;
}

/** So many characters of a secret in a row, at every fourth place of it: any 15 of them in a row are found. */
const PART_CHARS = 12;
const STRIDE_CHARS = 4;
/** What is shorter stands in ordinary messages, such as the `wrong` of `Bearer wrong`. */
const MIN_SECRET_CHARS = 16;
/** Numbers from this length on are found among other digits too. */
const LONG_DIGITS = 10;
/** Of tickets: some 600 of them, twice. A fuzzer shows tens of thousands, each once. */
const MAX_PARTS = 50_000;
const MAX_DEPTH = 20;
const MAX_NESTED_ENCODINGS = 2;

const UUID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi;
/** Digits that stand alone: not a part of a word, of a decimal fraction, of a port or of a time. */
const DIGITS = /(?<![\da-z.]|\d:)\d{4,}(?![\da-z]|[.:]\d)/gi;
const ENCODED = /[\w+/-]{20,}={0,2}/g;
const SHAPES = [
  /\beyJ[\w-]{8,}\.[\w-]+/, // a token
  /-----BEGIN/, // a key
  /\bbearer[ .][\w~+/-]{8,}/i,
  /(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{40,}/, // 32 random bytes
];

/**
 * Looks for secrets in what is logged or answered: as they are, percent-encoded or in base64, whole or in part. Neither
 * blind nor alarmed by chance, since each kind is compared as fits it: keys and tickets by any part of them, secrets that
 * tests write in words as a whole, PINs as whole numbers or among other text but not within a longer number, an id or an
 * address, phone numbers anywhere.
 */
export class LeakSearch {
  readonly #parts = new Map<string, SecretKind>();
  /** Of tickets, the newest; those before them. */
  #newParts = new Map<string, SecretKind>();
  #oldParts = new Map<string, SecretKind>();
  readonly #words = new Map<string, SecretKind>();
  readonly #digits = new Map<string, SecretKind>();
  readonly #learnt: Record<SecretKind, number> = { secret: 0, ticket: 0, code: 0, number: 0, shape: 0 };

  /** How many are known, by kind. */
  get learnt(): Readonly<Record<SecretKind, number>> {
    return this.#learnt;
  }

  /** Learns a secret. What is too short to be told from other text is left out. */
  learn(kind: SecretKind, secret: string | undefined): void {
    const lines = secret?.split(/\r?\n|\\n/).filter((line) => !line.startsWith('-----')) ?? [];
    const fresh = lines.filter((line) => this.#learnLine(kind, line));
    if (fresh.length > 0) this.#learnt[kind]++;
  }

  /** What of the secrets stands in a message: any JSON value. */
  leaksIn(message: unknown): Leak[] {
    return [...leaves(message, '', 0)].flatMap(([at, leaf]) => {
      const kind = typeof leaf === 'string' ? this.#kindIn(leaf) : this.#digits.get(String(leaf));
      return kind ? [{ kind, at }] : [];
    });
  }

  /** False where it is known already, or none. */
  #learnLine(kind: SecretKind, secret: string): boolean {
    const digits = /^\+?(\d{4,})[#*]*$/.exec(secret)?.[1];
    if (digits !== undefined) return addTo(this.#digits, digits, kind);
    if (secret.length < MIN_SECRET_CHARS) return false;
    if (/\s/.test(secret)) return addTo(this.#words, secret, kind);
    const all = partsOf(secret);
    if (all.every((part) => this.#kindOfPart(part))) return false;
    if (kind === 'ticket' && this.#newParts.size > MAX_PARTS) {
      this.#oldParts = this.#newParts;
      this.#newParts = new Map();
    }
    const parts = kind === 'ticket' ? this.#newParts : this.#parts;
    for (const part of all) addTo(parts, part, kind);
    return true;
  }

  #kindIn(text: string): SecretKind | undefined {
    for (const view of views(text, 0)) {
      const kind = this.#kindInView(view);
      if (kind) return kind;
    }
    return SHAPES.some((shape) => shape.test(text)) ? 'shape' : undefined;
  }

  #kindInView(text: string): SecretKind | undefined {
    for (const [words, kind] of this.#words) if (text.includes(words)) return kind;
    for (let at = 0; at + PART_CHARS <= text.length; at++) {
      const kind = this.#kindOfPart(text.slice(at, at + PART_CHARS));
      if (kind) return kind;
    }
    for (const [run] of text.replace(UUID, ' ').matchAll(DIGITS)) {
      const kind = this.#digits.get(run);
      if (kind) return kind;
    }
    const runs = text.match(/\d{10,}/g) ?? [];
    for (const [digits, kind] of runs.length > 0 ? this.#digits : []) {
      if (digits.length >= LONG_DIGITS && runs.some((run) => run.includes(digits))) return kind;
    }
    return undefined;
  }

  #kindOfPart(part: string): SecretKind | undefined {
    return this.#parts.get(part) ?? this.#newParts.get(part) ?? this.#oldParts.get(part);
  }
}

function addTo(known: Map<string, SecretKind>, text: string, kind: SecretKind): boolean {
  if (known.has(text)) return false;
  known.set(text, kind);
  return true;
}

function partsOf(secret: string): string[] {
  const last = secret.length - PART_CHARS;
  const count = Math.ceil(last / STRIDE_CHARS) + 1;
  return Array.from({ length: count }, (_, n) => {
    const at = Math.min(n * STRIDE_CHARS, last);
    return secret.slice(at, at + PART_CHARS);
  });
}

/** A text as it is, and what is written in it in another way. */
function* views(text: string, nested: number): Generator<string> {
  yield text;
  if (nested === MAX_NESTED_ENCODINGS) return;
  if (/%[\da-f]{2}/i.test(text)) yield* views(percentDecoded(text), nested + 1);
  for (const [run] of text.matchAll(ENCODED))
    yield* views(Buffer.from(run, 'base64').toString('latin1'), nested + 1);
}

function percentDecoded(text: string): string {
  return text.replaceAll(/%[\da-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

/** Every text and number of a JSON value, names among them, with its way there. */
function* leaves(value: unknown, at: string, depth: number): Generator<[string, string | number]> {
  if (typeof value === 'string' || typeof value === 'number') yield [at, value];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) yield [`name in ${at || 'the message'}`, name];
    yield* leaves(inner, at === '' ? name : `${at}.${name}`, depth + 1);
  }
}
