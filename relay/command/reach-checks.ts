import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Config } from '../config/config.ts';
import { networkAdvice, networkFault } from '../network-fault.ts';
import { Doorbell } from './doorbell.ts';
import { failure, notChecked, ok, type Finding } from './finding.ts';
import { dialHttp, dialSocket, type Answerer, type DialOutcome } from './self-dial.ts';

/** Who holds a port: nobody (what was opened there is ours to close), a relay, or why it cannot be had. */
type Holder =
  | { kind: 'free'; bell: { close(): Promise<void> } }
  | { kind: 'relay' }
  | { kind: 'fault'; code: string };

const HAIRPIN = ['timeout', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ECONNREFUSED', 'EHOSTUNREACH'];

/** Looks at the relay's two ports and, unless `offline`, dials itself as others will. `word`: random letters and digits. */
export async function checkReach(config: Config, word: string, offline: boolean): Promise<Finding[]> {
  const { host, port, publicUrl, admin } = config;
  const holder = await holderOf(
    host,
    port,
    () => Doorbell.open(host, port, word),
    async () => {
      const outcome = await dialHttp(localOrigin(host, port), word);
      return outcome.kind === 'answered' && outcome.by === 'relay';
    },
  );
  try {
    const reach = offline ? [] : await reachFindings(publicUrl, port, word, holder);
    return [portFinding('port', port, holder), ...(admin ? [await adminFinding(admin)] : []), ...reach];
  } finally {
    if (holder.kind === 'free') await holder.bell.close();
  }
}

async function adminFinding({ host, port }: { host: string; port: number }): Promise<Finding> {
  const holder = await holderOf(
    host,
    port,
    () => openNothing(host, port),
    async () => {
      // Without its key it says 401 to all, in the words of a relay.
      const outcome = await dialHttp(localOrigin(host, port), 'admin');
      return outcome.kind === 'answered' && outcome.by === 'relay';
    },
  );
  if (holder.kind === 'free') await holder.bell.close();
  return portFinding('admin.port', port, holder);
}

async function holderOf(
  host: string,
  port: number,
  open: () => Promise<{ close(): Promise<void> }>,
  isRelay: () => Promise<boolean>,
): Promise<Holder> {
  try {
    return { kind: 'free', bell: await open() };
  } catch (error) {
    const code = networkFault(error);
    return code === 'EADDRINUSE' && (await isRelay()) ? { kind: 'relay' } : { kind: 'fault', code };
  }
}

async function openNothing(host: string, port: number): Promise<{ close(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, host);
  await once(server, 'listening');
  return {
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

function portFinding(what: string, port: number, holder: Holder): Finding {
  switch (holder.kind) {
    case 'free':
      return ok(what, port === 0 ? 'a free one will be taken' : `${port} is free`);
    case 'relay':
      return ok(what, `a relay answers on ${port} already`);
    case 'fault':
      return portFault(what, port, holder.code);
    default:
      return holder satisfies never;
  }
}

function portFault(what: string, port: number, code: string): Finding {
  switch (code) {
    case 'EADDRINUSE': {
      const fix = `end what listens there (ss -ltnp 'sport = :${port}' names it), or set ${what} to another`;
      return failure(what, `${port} is taken by another program`, fix);
    }
    case 'EACCES':
      return failure(
        what,
        `${port} is for root only`,
        `set ${what} to 8080 or so, and put a TLS proxy in front`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND': {
      const host = what.replace('port', 'host');
      return failure(
        host,
        'is no address of this machine',
        `set ${host} to 127.0.0.1, or to one that "ip addr" shows`,
      );
    }
    default:
      return failure(what, `${port} cannot be listened on (${code})`, `set ${what} to another`);
  }
}

async function reachFindings(
  publicUrl: string,
  port: number,
  word: string,
  holder: Holder,
): Promise<Finding[]> {
  const [http, socket] = [
    'publicUrl',
    `publicUrl (${publicUrl.startsWith('https:') ? 'wss' : 'ws'})`,
  ] as const;
  const why =
    port === 0 ? 'port is 0' : holder.kind === 'fault' ? 'the port cannot be listened on' : undefined;
  if (why !== undefined) return [notChecked(http, why), notChecked(socket, why)];
  const wanted: Answerer = holder.kind === 'free' ? 'doorbell' : 'relay';
  const first = await dialHttp(publicUrl, word);
  if (first.kind === 'failed' || first.by !== wanted) {
    return [unreached(http, publicUrl, port, first), notChecked(socket, 'publicUrl does not lead here')];
  }
  const second = await dialSocket(publicUrl, word);
  const isIn = second.kind === 'answered' && second.by === wanted;
  return [
    ok(http, `${publicUrl} leads here`),
    isIn ? ok(socket, 'sockets come through') : deafProxy(socket, second),
  ];
}

function unreached(what: string, publicUrl: string, port: number, outcome: DialOutcome): Finding {
  const proxyFix = `let the TLS proxy pass ${publicUrl} on to port ${port}, as relay/deploy/nginx.conf does`;
  if (outcome.kind === 'answered') return failure(what, `${publicUrl} leads to something else`, proxyFix);
  if (outcome.code.startsWith('http-')) {
    return failure(what, `${publicUrl}: the proxy does not reach the relay (${outcome.code})`, proxyFix);
  }
  const { why, fix } = networkAdvice(outcome.code);
  // A router that does not lead its own network back to itself: seen from here only.
  const seen = HAIRPIN.includes(outcome.code)
    ? '; where others do reach it, only this machine is kept from its own public address'
    : '';
  return failure(what, `${publicUrl}: ${why}`, `${fix}${seen}`);
}

function deafProxy(what: string, outcome: DialOutcome): Finding {
  const code = outcome.kind === 'failed' ? ` (${outcome.code})` : '';
  const fix = 'let the proxy pass on Upgrade and Connection, with HTTP/1.1, as relay/deploy/nginx.conf does';
  return failure(what, `sockets do not come through${code}`, fix);
}

/** Where something that listens on `host` is reached from this machine. */
export function localOrigin(host: string, port: number): string {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`;
}
