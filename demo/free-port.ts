import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 that is free now. The platform must know the relay's address before the relay listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (typeof address !== 'object' || address === null) throw new Error('a TCP server has a port');
  return address.port;
}
