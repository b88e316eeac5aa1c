import { createHash, createHmac, randomUUID } from 'node:crypto';

/** What can be forged of a webhook's signature. */
export type Forgery = Parameters<typeof signed>[0];

/** An account of the phone platform, as our tests know it. */
export const ACCOUNT = {
  signatureSecret: 'the signature secret',
  apiKey: 'a1b2c3d',
  applicationId: 'app-0000',
};

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs as the platform does: HS256 over header and claims, SHA-256 of the body. All of it can be forged. */
export function signed({
  iat,
  body,
  claims = {},
  header = { alg: 'HS256', typ: 'JWT' },
  secret = ACCOUNT.signatureSecret,
  hash = 'sha256',
}: {
  /** Seconds. */
  iat: number;
  body?: string | Buffer;
  claims?: object;
  header?: object;
  secret?: string;
  /** Of the HMAC: `sha256` is the platform's. */
  hash?: 'sha256' | 'sha512';
}): string {
  const all = {
    iat,
    jti: randomUUID(),
    iss: 'Vonage',
    api_key: ACCOUNT.apiKey,
    application_id: ACCOUNT.applicationId,
    ...(body !== undefined && { payload_hash: createHash('sha256').update(body).digest('hex') }),
    ...claims,
  };
  const text = `${part(header)}.${part(all)}`;
  return `Bearer ${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}
