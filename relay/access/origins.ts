/** An origin as browsers send it (RFC 6454 §6.2), or all below a domain: `https://*.corp.example`. */
const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/** Whether a text may stand in a list of origins: lower case, no path, no default port, a `*` only before a domain. */
export function isOriginPattern(text: string): boolean {
  const [, scheme, star, host = '', port] = PATTERN.exec(text) ?? [];
  if (scheme === undefined) return false;
  // `https://*.com` would let in half the world.
  if (star !== undefined && (!host.includes('.') || host.startsWith('['))) return false;
  // A browser leaves the default port out: such a pattern would match nobody.
  return port === undefined || (Number(port) > 0 && port !== (scheme === 'https' ? '443' : '80'));
}

/** The origins whose pages may play a room. */
export class Origins {
  readonly #exact = new Set<string>();
  /** Scheme and port of a pattern, and the end that a host must have. */
  readonly #below: { scheme: string; port: string; suffix: string }[] = [];

  /** `patterns` are checked ({@link isOriginPattern}). */
  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      const [, scheme = '', star, host = '', port = ''] = PATTERN.exec(pattern) ?? [];
      if (star === undefined) this.#exact.add(pattern);
      else this.#below.push({ scheme, port, suffix: `.${host}` });
    }
  }

  /** Whether a page of this origin, as its browser names it, may play the room. Never for `null`. */
  has(origin: string): boolean {
    if (this.#exact.has(origin)) return true;
    const [, scheme, star, host = '', port = ''] = PATTERN.exec(origin) ?? [];
    if (scheme === undefined || star !== undefined) return false;
    return this.#below.some(
      (below) => below.scheme === scheme && below.port === port && host.endsWith(below.suffix),
    );
  }
}
