import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VONAGE_NAMESPACES, debugFaults } from '../../../relay/config/debug-output.ts';

const SDK = join(import.meta.dirname, '../../../node_modules/@vonage');

function names(env: Record<string, string>, dials = true): string[] {
  return debugFaults(env, dials).map(({ name }) => name);
}

describe('P40: DEBUG that makes the Vonage SDK print the private key', () => {
  test.each([
    '*',
    'vonage:*',
    '@vonage/*',
    'v*',
    '*auth',
    'koa,vonage:auth',
    'koa vonage:jwt:tokenGenerate',
    '  koa  *  ',
    '*,-vonage:auth',
    '*,-vonage*',
    '-koa,**',
    '@vonage/voice',
    '*server*',
  ])('"%s" is refused', (DEBUG) => {
    expect(names({ DEBUG })).toEqual(['DEBUG']);
  });

  test.each(['', 'koa', 'koa*', '-*', 'vonage', '*,-*vonage*', '* -vonage:* -@vonage/*', 'koa:*,ws'])(
    '"%s" is not',
    (DEBUG) => {
      expect(names({ DEBUG })).toEqual([]);
    },
  );

  test('is refused only where the SDK is in use', () => {
    expect(names({ DEBUG: '*' }, false)).toEqual([]);
  });

  test('all names that the SDK has are known', () => {
    const sources = readdirSync(SDK, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    );
    const found = sources.flatMap((file) =>
      [...readFileSync(join(SDK, file), 'utf8').matchAll(/debug\d*\.default\)\(['"`]([^'"`]+)['"`]/g)].map(
        ([, name]) => name,
      ),
    );
    expect(new Set(found)).toEqual(new Set(VONAGE_NAMESPACES));
  });
});

/** Asks a server on loopback with a ticket and a body, by `http`, `fetch` and `https` (which fails: it speaks no TLS). */
const ASKING = `
import http from 'node:http'; import https from 'node:https';
const server = http.createServer((request, response) => request.resume().once('end', () => response.end('ok')));
server.listen(0, '127.0.0.1', async () => {
  const at = { host: '127.0.0.1', port: server.address().port, method: 'POST', path: '/',
    headers: { Authorization: 'Bearer A-TICKET', 'Content-Length': 6 } };
  const ask = (by) => new Promise((done) => by.request(at, (response) => response.resume().once('end', done)).once('error', done).end('A-BODY'));
  await ask(http); await ask(https);
  await fetch('http://127.0.0.1:' + at.port, { method: 'POST', headers: { Authorization: 'Bearer A-TICKET' }, body: 'A-BODY' });
  process.exit();
});`;
/** The body in hexadecimal, as Node prints buffers. */
const BODY_HEX = '41 2d 42 4f 44 59';

function printsSecrets(section: string): boolean {
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', ASKING], {
    env: { ...process.env, NODE_DEBUG: section },
    encoding: 'utf8',
    timeout: 10_000,
  });
  return ['A-TICKET', 'A-BODY', BODY_HEX].some((secret) => stderr.includes(secret));
}

describe('P40: NODE_DEBUG that makes Node print tickets and bodies', () => {
  test.each(['http', 'https', 'net', 'stream', 'tls', 'undici', 'fetch', 'websocket', 'timer', 'dns'])(
    '%s is refused exactly where a process of Node 20 prints them, which newer ones may not',
    (section) => {
      const isRefused = names({ NODE_DEBUG: section }, false).length > 0;
      if (process.version.startsWith('v20.')) expect(isRefused).toBe(printsSecrets(section));
      else expect(isRefused || !printsSecrets(section)).toBe(true);
    },
  );

  test.each(['HTTP', 'timer,http', 'http*', '*', 'n?t,*t', ' https '])('"%s" is refused', (NODE_DEBUG) => {
    expect(names({ NODE_DEBUG }, false)).toEqual(['NODE_DEBUG']);
  });
});
