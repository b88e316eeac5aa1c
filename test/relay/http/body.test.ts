import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProblemError } from '../../../relay/errors.ts';
import { rawBody } from '../../../relay/http/body.ts';

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    rawBody(request).then(
      (body) => response.end(String(body.length)),
      (error: unknown) => {
        response.statusCode = error instanceof ProblemError ? error.problem.status : 500;
        response.end('refused');
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const post = (body: string): Promise<Response> => fetch(url, { method: 'POST', body });

test('a body of 64 kB is taken whole', async () => {
  expect(await (await post('x'.repeat(64 * 1024))).text()).toBe(String(64 * 1024));
});

test.each([64 * 1024 + 1, 1024 * 1024])(
  'one of %i bytes is answered with 413, not with a broken line',
  async (bytes) => {
    expect((await post('x'.repeat(bytes))).status).toBe(413);
  },
);
