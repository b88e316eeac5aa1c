import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { Context } from 'koa';
import { ProblemError } from '../errors.ts';

/** How long an answer may be kept. */
export const CACHING = {
  /** The newest of a major version: five minutes, and for a day at once while a newer one is fetched behind. */
  floating: 'public, max-age=300, stale-while-revalidate=86400',
  /** What an address with a whole version names never changes. */
  immutable: 'public, max-age=31536000, immutable',
  short: 'public, max-age=300',
  never: 'no-store',
} as const;

/** Encodings that a build leaves beside a file: by the end of the copy's name, the smaller one first. */
const ENCODINGS = { '.br': 'br', '.gz': 'gzip' } as const;
type Encoding = (typeof ENCODINGS)[keyof typeof ENCODINGS];

interface Asset {
  bytes: Buffer;
  /** Copies, the smaller one first. */
  copies: ReadonlyMap<Encoding, Buffer>;
  /** SHA-384 of the bytes, base64. */
  hash: string;
}

/** A file as `/embed.json` tells of it. */
export interface AssetFacts {
  /** Subresource Integrity value. */
  integrity: string;
  /** Sizes on the way; null where the build left no such copy. */
  gzipBytes: number | null;
  brotliBytes: number | null;
}

/** Built files, read once: they are few and small, and a build that runs beside the relay changes nothing under it. */
export class Assets {
  readonly #files: ReadonlyMap<string, Asset>;

  private constructor(files: ReadonlyMap<string, Asset>) {
    this.#files = files;
  }

  /** All files below a folder; throws where it cannot be read: the package was not built. */
  static in(dir: string): Assets {
    const found = readdirSync(dir, { recursive: true, withFileTypes: true });
    const names = found
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(dir, join(parentPath, name)));
    const known = new Set(names);
    const read = (name: string): Buffer => readFileSync(join(dir, name));
    const assetOf = (name: string): Asset => {
      const bytes = read(name);
      const copies = Object.entries(ENCODINGS).filter(([end]) => known.has(name + end));
      return {
        bytes,
        copies: new Map(copies.map(([end, encoding]) => [encoding, read(name + end)])),
        hash: createHash('sha384').update(bytes).digest('base64'),
      };
    };
    const whole = names.filter((name) => !Object.hasOwn(ENCODINGS, extname(name)));
    return new Assets(new Map(whole.map((name) => [name, assetOf(name)])));
  }

  /** Names with `/` for folders, in order. */
  get names(): string[] {
    return [...this.#files.keys()].toSorted();
  }

  /** Whether there is such a file. */
  has(name: string): boolean {
    return this.#files.has(name);
  }

  /** What is to be known of a file before it is loaded; undefined where there is none. */
  facts(name: string): AssetFacts | undefined {
    const asset = this.#files.get(name);
    return (
      asset && {
        integrity: `sha384-${asset.hash}`,
        gzipBytes: asset.copies.get('gzip')?.length ?? null,
        brotliBytes: asset.copies.get('br')?.length ?? null,
      }
    );
  }

  /**
   * Answers with a file, for pages of any origin, whole: nobody needs a part of one. Throws the problem where there is
   * none.
   */
  serve(context: Context, name: string, caching: string): void {
    const asset = this.#files.get(name);
    if (!asset) throw new ProblemError('not-found', 'There is no such file.');
    const [encoding, bytes] = [...asset.copies].find(([one]) => context.acceptsEncodings(one) === one) ?? [
      'identity',
      asset.bytes,
    ];
    // A module script is a CORS request on every page (measured).
    context.set('Access-Control-Allow-Origin', '*');
    context.set('Timing-Allow-Origin', '*');
    context.set('Cache-Control', caching);
    context.vary('Accept-Encoding');
    const etag = `"${asset.hash.slice(0, 24)}-${encoding}"`;
    context.set('ETag', etag);
    if (isKnown(etag, context.get('If-None-Match'))) {
      context.status = 304;
      return;
    }
    if (encoding !== 'identity') context.set('Content-Encoding', encoding);
    context.type = extname(name);
    context.body = bytes;
  }
}

/** Whether a tag stands in the list of those that the client has; a proxy may have marked it as weak (RFC 9110 §13.1.2). */
function isKnown(etag: string, ifNoneMatch: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
