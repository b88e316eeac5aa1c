import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemo } from './demo.ts';

const DEFAULT_PORT = 8080;
/** Closing must not hang on a connection that will not end. */
const CLOSE_WITHIN_MS = 10_000;
const KEY_BYTES = 24;

const port = Number(process.env['PORT'] ?? DEFAULT_PORT);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`PORT is "${process.env['PORT']}", not a port; leave it out for ${DEFAULT_PORT}.\n`);
  process.exit(2);
}

const adminKey = randomBytes(KEY_BYTES).toString('base64url');
const dataDir = mkdtempSync(join(tmpdir(), 'conf-demo-'));
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));

try {
  const demo = await startDemo({
    port,
    relay: {
      'log-level': process.env['LOG_LEVEL'] ?? 'warn',
      'admin-key': adminKey,
      'admin-port': '0',
      history: 'true',
      'data-dir': dataDir,
    },
  });
  process.stdout.write(`Open ${demo.url}/ and press Listen. Ctrl-C ends.\n`);
  process.stdout.write(`The operator's console: ${demo.relay.adminUrl}/admin with the key ${adminKey}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
      void demo.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  process.stderr.write(
    taken
      ? `Port ${port} is taken; try another: PORT=8081 npm start\n`
      : `The demo failed: ${String(error)}\n`,
  );
  process.exit(1);
}
