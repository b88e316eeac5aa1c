import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as v from 'valibot';

const Header = v.object({ alg: v.string() });
const Claims = v.record(v.string(), v.unknown());

/** The claims of a JWT whose signature holds. */
export type JwtClaims = v.InferOutput<typeof Claims>;

/** A compact HS256 JWT (RFC 7519), header `{"alg":"HS256","typ":"JWT"}` as in the platform's signed webhooks. */
export function signHs256(claims: JwtClaims, secret: string): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** The claims, or `undefined` when the token is not RS256 signed by the owner of `key`. No claim is checked. */
export function verifyRs256(token: string, key: KeyObject): JwtClaims | undefined {
  const parts = split(token);
  if (!parts) return undefined;
  return verify('RSA-SHA256', Buffer.from(parts.signed), key, parts.signature) ? parts.claims : undefined;
}

/** Reads a PEM public key. Throws when it is none. */
export function readPublicKey(pem: string): KeyObject {
  return createPublicKey(pem);
}

/** Lower-case hexadecimal SHA-256, as in the claim `payload_hash`. */
export function sha256Hex(payload: string | Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex');
}

function split(token: string): { signed: string; signature: Buffer; claims: JwtClaims } | undefined {
  const [head, body, signature, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0)
    return undefined;
  const header = v.safeParse(Header, decode(head));
  const claims = v.safeParse(Claims, decode(body));
  if (!header.success || !claims.success || header.output.alg !== 'RS256') return undefined;
  return { signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url'), claims: claims.output };
}

function encode(part: JwtClaims): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined; // not JSON: the schema refuses it
  }
}
