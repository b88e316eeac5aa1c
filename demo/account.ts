import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

/** A phone platform account that lives as long as the process: the demo needs no real one. */
export interface DemoAccount {
  applicationId: string;
  /** PEM, for the relay. */
  privateKey: string;
  /** PEM, for the platform. */
  publicKeyPem: string;
  apiKey: string;
  apiSecret: string;
  signatureSecret: string;
  ticketSecret: string;
}

/** Makes a new account with fresh keys. */
export function createAccount(): DemoAccount {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    applicationId: randomUUID(),
    privateKey,
    publicKeyPem: publicKey,
    apiKey: randomBytes(4).toString('hex'),
    apiSecret: randomBytes(12).toString('base64url'),
    signatureSecret: randomBytes(32).toString('base64url'),
    ticketSecret: randomBytes(32).toString('base64url'),
  };
}
