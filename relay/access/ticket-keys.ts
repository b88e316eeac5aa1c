import { createHmac, timingSafeEqual, webcrypto } from 'node:crypto';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose';

/** Where keys come from beside the relay's own secret. */
export interface TicketKeySources {
  /** Taken as well as the relay's own; undefined where there is none. */
  previousSecret: string | undefined;
  /** Address of an identity provider's key set (RFC 7517); undefined where there is none. */
  jwksUrl: string | undefined;
}

/** The identity provider does not answer: nobody can say whether the ticket is right. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

const FETCH_TIMEOUT_MS = 3000;
/** A ticket that names an unknown key makes the provider be asked no more often than so. */
const COOLDOWN_MS = 30_000;
/** A key that the provider has taken back is good for so long. */
const KEY_SET_MS = 600_000;

/**
 * The keys that tickets are checked with. The algorithm decides where a key comes from, so that nothing signed with a
 * public key taken for a secret is ever right (RFC 8725 §2.1).
 */
export class TicketKeys {
  readonly #secret: Secret;
  readonly #previous: Secret | undefined;
  readonly #keySet: JWTVerifyGetKey | undefined;

  constructor(secret: Uint8Array, { previousSecret, jwksUrl }: TicketKeySources) {
    this.#secret = secretOf(secret);
    this.#previous = previousSecret === undefined ? undefined : secretOf(Buffer.from(previousSecret));
    this.#keySet = jwksUrl === undefined ? undefined : keySetAt(jwksUrl);
  }

  /** Throws a JOSEError for what is not right, {@link KeysUnavailable} where that cannot be told. */
  async verify(ticket: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
    switch (decodeHeader(ticket).alg) {
      case 'HS256':
        return jwtVerify(ticket, await this.#signerOf(ticket).key, { ...options, algorithms: ['HS256'] });
      case 'ES256':
      case 'RS256':
        if (!this.#keySet) break;
        return jwtVerify(ticket, this.#keySet, { ...options, algorithms: ['ES256', 'RS256'] });
    }
    throw new errors.JOSEAlgNotAllowed('not an algorithm of ours');
  }

  /** Whose signature it may be: `jose` has the last word, and is asked once. */
  #signerOf(ticket: string): Secret {
    const end = ticket.lastIndexOf('.');
    const given = Buffer.from(ticket.slice(end + 1), 'base64url');
    const isBy = ({ bytes }: Secret): boolean => {
      const right = createHmac('sha256', bytes).update(ticket.slice(0, end)).digest();
      return given.length === right.length && timingSafeEqual(given, right);
    };
    return this.#previous && isBy(this.#previous) ? this.#previous : this.#secret;
  }
}

/** The key is imported once: `jose` would do it at every check, which then takes half as long again. */
interface Secret {
  bytes: Uint8Array;
  key: Promise<webcrypto.CryptoKey>;
}

function secretOf(bytes: Uint8Array): Secret {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  return { bytes, key: webcrypto.subtle.importKey('raw', bytes, hmac, false, ['verify']) };
}

function decodeHeader(ticket: string): { alg?: string } {
  try {
    return decodeProtectedHeader(ticket);
  } catch {
    throw new errors.JWSInvalid('not a token'); // `jose` throws a TypeError for what has no header
  }
}

function keySetAt(url: string): JWTVerifyGetKey {
  const keySet = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEY_SET_MS,
  });
  return async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      // The ticket's fault: it names no key of the set, or none where there are several.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw new KeysUnavailable('the identity provider does not answer', { cause: error });
    }
  };
}
