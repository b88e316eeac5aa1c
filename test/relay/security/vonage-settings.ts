import { generateKeyPairSync } from 'node:crypto';
import { ACCOUNT } from '../ingest/signed.ts';

/** Settings of a relay with webhooks. Its phone platform is nowhere: connections to it are refused. */
export function vonageSettings(): object {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const vonage = { ...ACCOUNT, privateKey, from: '442079460000', apiHost: 'http://127.0.0.1:9' };
  return { publicUrl: 'https://relay.example', vonage };
}
