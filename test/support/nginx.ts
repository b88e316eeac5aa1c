import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';

const SHIPPED = join(import.meta.dirname, '../../relay/deploy/nginx.conf');
const READY_WITHIN_MS = 5000;

/** nginx on this machine; Debian keeps it out of an ordinary user's path. */
const NGINX = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);

/** Whether nginx is here. */
export const hasNginx = NGINX !== undefined;

/** A running nginx. */
export interface Nginx {
  /** `http://127.0.0.1:port`. */
  url: string;
  port: number;
  /** What it complained of. */
  errors(): string;
  /** What it says of requests that are over. */
  accesses(): string;
  close(): Promise<void>;
}

/** Runs nginx with the configuration that is shipped; only its address, TLS and the relay's port are others. */
export async function startNginx(relayPort: number): Promise<Nginx> {
  if (NGINX === undefined) throw new Error('nginx is not here: ask hasNginx first');
  const dir = mkdtempSync(join(tmpdir(), 'conf-nginx-'));
  const port = await freePort();
  const accessLog = join(dir, 'access.log');
  const site = readFileSync(SHIPPED, 'utf8')
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replace(/^ *ssl_certificate.*\n/gm, '')
    .replace('server 127.0.0.1:8080', `server 127.0.0.1:${relayPort}`)
    .replace('/var/log/nginx/conf-relay.log', accessLog);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; ${user} pid ${dir}/pid; events {}\nhttp { ${paths.join(' ')}\n${site}}\n`,
  );
  const errorLog = join(dir, 'error.log');
  const child = spawn(NGINX, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', errorLog], {
    stdio: 'inherit',
  });
  const giveUpMs = performance.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > giveUpMs) {
      throw new Error(`nginx did not come up:\n${readFileSync(errorLog, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    errors: () => readFileSync(errorLog, 'utf8'),
    accesses: () => readFileSync(accessLog, 'utf8'),
    close: async () => {
      child.kill();
      await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
