import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../../demo/free-port.ts';
import { decodeChunk } from '../../wire/chunk.ts';
import { until } from '../support/until.ts';

const SERVE = join(import.meta.dirname, '../../dist/demo/serve.js');
let child: ChildProcess | undefined;

afterEach(() => child?.kill('SIGKILL'));

test('the demo prints its URL, plays room allhands on the PORT of the environment, and ends on SIGTERM with code 0', async () => {
  const port = await freePort();
  let printed = '';
  child = spawn(process.execPath, [SERVE], { env: { ...process.env, PORT: String(port) } });
  child.stdout?.on('data', (text: Buffer) => (printed += text.toString()));
  await until('the URL', () => printed.includes(`http://127.0.0.1:${port}/`));

  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect([page.status, await page.text()]).toEqual([
    200,
    expect.stringContaining('<conf-listener id="lead" room="allhands"'),
  ]);

  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/rooms/allhands/listen`, 'conf.v1');
  let chunks = 0;
  socket.on('message', (data, isBinary) => {
    if (isBinary && Buffer.isBuffer(data) && decodeChunk(data).kind === 'chunk') chunks += 1;
  });
  await until('10 chunks', () => chunks >= 10);

  child.kill('SIGTERM');
  const [[code]] = await Promise.all([once(socket, 'close'), once(child, 'exit')]);
  expect(code).toBe(4000);
  expect(child.exitCode).toBe(0);
}, 30_000);

test('a PORT that is taken is named, with another to try, and the exit code is 1', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  let printed = '';
  child = spawn(process.execPath, [SERVE], { env: { ...process.env, PORT: String(port) } });
  child.stderr?.on('data', (text: Buffer) => (printed += text.toString()));
  const [code] = await once(child, 'exit');
  server.close();
  expect([code, printed.trim()]).toEqual([1, `Port ${port} is taken; try another: PORT=8081 npm start`]);
}, 30_000);
