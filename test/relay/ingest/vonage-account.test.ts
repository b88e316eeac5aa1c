import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createAccount } from '../../../demo/account.ts';
import { freePort } from '../../../demo/free-port.ts';
import { startSimulator } from '../../../demo/simulator/simulator.ts';
import { VonageAccount } from '../../../relay/ingest/vonage-account.ts';

const account = createAccount();
const accountAt = (url: string): VonageAccount =>
  new VonageAccount({ ...account, apiHost: url, restHost: url });

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** An API that answers so; gives its address. */
async function answering(answer: RequestListener): Promise<string> {
  const port = await freePort();
  server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${port}`;
}

test('150 numbers come in 2 pages, an account without numbers has 0', async () => {
  const numbers = Array.from({ length: 150 }, (_, n) => String(442_079_460_000 + n));
  const simulator = await startSimulator({ ...account, numbers });
  const bare = await startSimulator({ ...account, numbers: [] });
  try {
    expect(await accountAt(simulator.url).numbers()).toMatchObject({ kind: 'answer', value: numbers });
    expect(simulator.requests()).toHaveLength(2);
    expect(await accountAt(bare.url).numbers()).toMatchObject({ kind: 'answer', value: [] });
  } finally {
    await Promise.all([simulator.close(), bare.close()]);
  }
});

test('more than 1000 numbers are not asked for: 10 requests', async () => {
  let requests = 0;
  const page = JSON.stringify({ numbers: Array.from({ length: 100 }, () => ({ msisdn: '442079460000' })) });
  const url = await answering((_, response) => {
    requests++;
    response.end(page);
  });
  const answer = await accountAt(url).numbers();
  expect([answer.kind, requests]).toEqual(['answer', 10]);
});

test('a page, an error and a redirection are no answers, and nothing is sent where the last one leads', async () => {
  const paths: (string | undefined)[] = [];
  const url = await answering(({ url: path }, response) => {
    paths.push(path);
    if (path?.startsWith('/v1/calls')) response.end('<h1>Welcome</h1>');
    else if (path?.startsWith('/account')) response.writeHead(302, { location: '/elsewhere' }).end();
    else response.writeHead(503, { date: 'Thu, 01 Jan 2026 00:00:00 GMT' }).end();
  });
  const asked = accountAt(url);
  expect([await asked.calls(), await asked.numbers(), await asked.application()]).toEqual([
    { kind: 'unreadable', dateMs: expect.any(Number) },
    { kind: 'refused', status: 302, dateMs: expect.any(Number) },
    { kind: 'refused', status: 503, dateMs: Date.UTC(2026, 0, 1) },
  ]);
  expect(paths).toHaveLength(3);
});

test('where nobody listens there is a code, and no secret in what is known', async () => {
  const answer = await accountAt(`http://127.0.0.1:${await freePort()}`).application();
  expect(answer).toEqual({ kind: 'no-answer', code: 'ECONNREFUSED' });
});
