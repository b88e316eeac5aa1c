import { spawnSync } from 'node:child_process';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../demo/free-port.ts';
import { nodeFinding, openFilesFinding } from '../../../relay/command/machine-checks.ts';
import { regionFinding } from '../../../relay/command/region.ts';
import { networkAdvice } from '../../../relay/network-fault.ts';
import { Desk } from './conf-relay.ts';

let desk: Desk;
let port = 0;
let front: Server | undefined;
beforeEach(async () => {
  desk = new Desk();
  port = await freePort();
});
afterEach(() => {
  front?.close();
  front?.closeAllConnections();
  front = undefined;
  desk.clear();
});

/** What stands at the public address; gives its port. */
async function standInFront(server: Server): Promise<number> {
  front = server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!isTcp(address)) throw new Error('a TCP server has a port');
  return address.port;
}

function isTcp(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

/** Lines about the public address. */
async function check(publicUrl: string): Promise<{ code: number | null; lines: string[] }> {
  const args = ['check', '--port', String(port), '--public-url', publicUrl, '--limits-connections', '100'];
  const { code, stdout } = await desk.run(args);
  return { code, lines: stdout.split('\n').filter((line) => line.includes('publicUrl')) };
}

/** A proxy that lets requests through, and no upgrades. */
const deaf: RequestListener = (incoming, response) => {
  const { url = '/', headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, path: url, headers, agent: false }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  onward.once('error', () => response.writeHead(502).end());
  onward.end();
};

describe('the public address', () => {
  test('that a proxy passes on without sockets: HTTP is well, and what sockets need is named', async () => {
    const frontPort = await standInFront(createServer(deaf));
    expect(await check(`http://127.0.0.1:${frontPort}`)).toEqual({
      code: 1,
      lines: [
        `ok    publicUrl — http://127.0.0.1:${frontPort} leads here`,
        expect.stringMatching(
          /^FAIL {2}publicUrl \(ws\) — sockets do not come through \(.+\); let the proxy pass on Upgrade/,
        ),
      ],
    });
  });

  test('where something else answers, or the proxy finds nobody: which port it should lead to', async () => {
    const frontPort = await standInFront(createServer((_, response) => response.end('It works!')));
    expect((await check(`http://127.0.0.1:${frontPort}`)).lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^FAIL {2}publicUrl — .* leads to something else; let the TLS proxy pass .* on to port ${port}, as relay/deploy/nginx.conf does`,
        ),
      ),
      '--    publicUrl (ws) — not checked: publicUrl does not lead here',
    ]);
    front?.close();
    const emptyPort = await standInFront(createServer((_, response) => response.writeHead(502).end()));
    expect((await check(`http://127.0.0.1:${emptyPort}`)).lines[0]).toContain(
      'the proxy does not reach the relay (http-502)',
    );
  });

  test('where nobody listens, and a name that there is not', async () => {
    const [nobody, noName] = [await freePort(), 'https://relay.invalid'];
    expect((await check(`http://127.0.0.1:${nobody}`)).lines[0]).toContain(
      ': nobody listens there; start what should',
    );
    expect((await check(noName)).lines[0]).toMatch(
      /: (its name is not known|no name server answers) \(DNS\); /,
    );
  });

  test.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'with a self-signed certificate: that the platform refuses it',
    async () => {
      const [key, cert] = ['tls.key', 'tls.crt'].map((name) => join(desk.dir, name));
      const self = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout ${key} -out ${cert}`;
      expect(spawnSync('openssl', self.split(' ')).status).toBe(0);
      const tls = { key: readFileSync(key ?? ''), cert: readFileSync(cert ?? '') };
      const frontPort = await standInFront(createTlsServer(tls, deaf));
      expect((await check(`https://localhost:${frontPort}`)).lines[0]).toContain(
        ': its certificate is self-signed, which browsers and the platform refuse; get one from Let’s Encrypt',
      );
    },
  );

  test('an address of another machine: which setting, and what it should be', async () => {
    const { code, stdout } = await desk.run(['check', '--offline', '--host', '192.0.2.1', '--insecure']);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('FAIL  host — is no address of this machine; set host to 127.0.0.1'),
    ]);
  });
});

test.each([
  ['EHOSTUNREACH', 'it cannot be reached (EHOSTUNREACH)'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate comes without those between it and its authority'],
  ['timeout', 'no answer within 5 s'],
])('%s is told as "%s"', (code, why) => {
  expect(networkAdvice(code).why).toBe(why);
});

test.each([
  ['eu-west', 'https://api.nexmo.com', 'ok'],
  ['eu-west', 'http://127.0.0.1:4000', 'ok'],
  ['eu-west', 'https://api-eu-3.vonage.com', 'ok'],
  ['eu-east', 'https://api-eu-3.vonage.com', 'fail'],
  ['eu-east', 'https://api-eu-1.nexmo.com', 'ok'],
  ['na-west', 'https://api-eu-1.nexmo.com', 'fail'],
  ['apac-sng', 'https://api-sg-1.nexmo.com', 'ok'],
  ['apac-australia', 'https://api-ap-4.vonage.com', 'ok'],
  ['na-east', 'https://voice.example', 'warn'],
  [undefined, 'https://api-us-3.vonage.com', 'not-checked'],
])('an application of %s and the host %s: %s', (region, apiHost, status) => {
  expect(regionFinding('region', region, { name: 'vonage.apiHost', apiHost }).status).toBe(status);
});

test.each([
  ['20.18.9', 'fail'],
  ['20.19.0', 'ok'],
  ['22.0.0', 'ok'],
  ['18.20.4', 'fail'],
])('Node %s: %s', (version, status) => {
  expect(nodeFinding(version).status).toBe(status);
});

test.each([
  ['1023', 'fail'],
  ['1024', 'warn'],
  ['16000', 'ok'],
  ['unlimited', 'ok'],
])('%s open files for 15,000 listeners: %s', (soft, status) => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}                 20000                files\n`;
  expect(openFilesFinding(limits, 15_000).status).toBe(status);
});

test('elsewhere than on Linux nobody knows how many files may be open', () => {
  expect(openFilesFinding(undefined, 15_000).status).toBe('not-checked');
});
