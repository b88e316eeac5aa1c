import { createHash } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import { bearerToken } from '../access/tickets.ts';

/** What Vonage's signatures must match: the account's signature secret and key, the application's id. */
export interface SignatureSettings {
  signatureSecret: string;
  apiKey: string;
  applicationId: string;
}

/** Verdict on a signed request. `replayed`: right, but seen before. */
export type SignatureVerdict =
  | { kind: 'right' }
  | { kind: 'replayed' }
  | { kind: 'missing' }
  | { kind: 'wrong'; code: 'not-a-token' | 'wrong-claims' | 'too-old' | 'altered-body' | 'used-elsewhere' };

const MAX_AGE_SEC = 300;
const LEEWAY_SEC = 60;
const MAX_REMEMBERED = 10_000;

/**
 * Checks the JWT that Vonage puts on webhooks and on the leg's upgrade (HS256 with the signature secret). The SDK's
 * own `verifySignature` accepts RS256, any age and any body, so this one is ours. Source: Vonage, "Signed webhooks".
 */
export class VonageSignature {
  readonly #settings: SignatureSettings;
  readonly #secret: Uint8Array;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { use: string; forgetSec: number }>();

  constructor(settings: SignatureSettings, clock: Clock) {
    this.#settings = settings;
    this.#secret = new TextEncoder().encode(settings.signatureSecret);
    this.#clock = clock;
  }

  /**
   * Checks the header of a webhook. `payloads` are the bytes that `payload_hash` may be of: the raw body, or the
   * query as compact JSON. For an upgrade, which has no body, give none. `use` is what is asked for: the signature does
   * not cover the address, so a token that was taken for one use is wrong for every other.
   */
  async check(
    authorization: string | undefined,
    payloads: readonly (string | Buffer)[],
    use: string,
  ): Promise<SignatureVerdict> {
    if (authorization === undefined) return { kind: 'missing' };
    const token = bearerToken(authorization);
    if (token === undefined) return { kind: 'wrong', code: 'not-a-token' };
    const nowSec = this.#clock.wallMs() / 1000;
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: ['HS256'],
        issuer: 'Vonage',
        clockTolerance: LEEWAY_SEC,
        currentDate: new Date(nowSec * 1000),
      });
      const { apiKey, applicationId } = this.#settings;
      if (payload['api_key'] !== apiKey || payload['application_id'] !== applicationId) {
        return { kind: 'wrong', code: 'wrong-claims' };
      }
      const { iat, jti } = payload;
      if (iat === undefined || typeof jti !== 'string') return { kind: 'wrong', code: 'wrong-claims' };
      if (iat < nowSec - MAX_AGE_SEC || iat > nowSec + LEEWAY_SEC) return { kind: 'wrong', code: 'too-old' };
      const hashes = payloads.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
      const hash = payload['payload_hash'];
      if (hashes.length > 0 && !(typeof hash === 'string' && hashes.includes(hash.toLowerCase()))) {
        return { kind: 'wrong', code: 'altered-body' };
      }
      const usedBefore = this.#remember(jti, use, nowSec);
      if (usedBefore === undefined) return { kind: 'right' };
      return usedBefore === use ? { kind: 'replayed' } : { kind: 'wrong', code: 'used-elsewhere' };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return { kind: 'wrong', code: 'not-a-token' };
    }
  }

  /** What this id was used for before. Ids are kept as long as their token would be taken, the oldest given up first. */
  #remember(jti: string, use: string, nowSec: number): string | undefined {
    for (const [id, { forgetSec }] of this.#seen) {
      if (forgetSec > nowSec && this.#seen.size < MAX_REMEMBERED) break;
      this.#seen.delete(id);
    }
    const before = this.#seen.get(jti)?.use;
    if (before === undefined) this.#seen.set(jti, { use, forgetSec: nowSec + MAX_AGE_SEC + LEEWAY_SEC });
    return before;
  }
}
