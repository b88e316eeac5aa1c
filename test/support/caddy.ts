import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';
import { until } from './until.ts';

/** The configuration that is shipped. */
export const CADDYFILE = join(import.meta.dirname, '../../relay/deploy/Caddyfile');

/** Whether Caddy is here. */
export const hasCaddy = spawnSync('caddy', ['version']).status === 0;

/** A running Caddy. */
export interface Caddy {
  /** `http://127.0.0.1:port`. */
  url: string;
  port: number;
  /** What it says of requests that are over, a JSON object a line. */
  accesses(): string;
  close(): Promise<void>;
}

/** Runs Caddy with the configuration that is shipped; only its address, its log's place and the relay's port are others. */
export async function startCaddy(relayPort: number): Promise<Caddy> {
  const dir = mkdtempSync(join(tmpdir(), 'conf-caddy-'));
  const port = await freePort();
  const accessLog = join(dir, 'access.log');
  const site = readFileSync(CADDYFILE, 'utf8')
    .replace(/^relay\.example \{/m, `http://:${port} {\n\tbind 127.0.0.1`)
    .replace('log {', `log {\n\t\toutput file ${accessLog}`)
    .replace('reverse_proxy 127.0.0.1:8080', `reverse_proxy 127.0.0.1:${relayPort}`);
  const file = join(dir, 'Caddyfile');
  writeFileSync(file, `{\n\tadmin off\n}\n${site}`);
  const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
  });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`Caddy did not come up:\n${said}`);
    return fetch(url).then(
      () => true,
      () => false, // not yet
    );
  };
  await until('Caddy answers', answers);
  return {
    url,
    port,
    accesses: () => (existsSync(accessLog) ? readFileSync(accessLog, 'utf8') : ''),
    close: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
