import { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { IncomingMessage, Server } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, expect, vi } from 'vitest';
import type { Config } from '../../relay/config/config.ts';
import type { WebhookAnswer } from '../../relay/ingest/vonage-door.ts';
import type { Log } from '../../relay/log.ts';
import type { RoomId } from '../../wire/room-id.ts';
import { leakWatch, type LeakCounts } from './leak-watch.ts';

type Webhook = [authorization: string | undefined, body: string | Buffer];

declare module 'vitest' {
  interface TaskMeta {
    leakCounts?: LeakCounts;
  }
}

// Secrets are learnt where they are made or come in; each module is touched only when a test file imports it.

vi.mock(import('../../relay/main.ts'), async (original) => {
  const module = await original();
  return {
    ...module,
    startRelay: (config, options) => {
      leakWatch.relayStarts();
      learnConfig(config);
      return module.startRelay(config, options);
    },
  };
});

vi.mock(import('jose'), async (original) => {
  const module = await original();
  class SignJWT extends module.SignJWT {
    override async sign(...call: Parameters<InstanceType<typeof module.SignJWT>['sign']>): Promise<string> {
      const [key] = call;
      if (key instanceof Uint8Array) leakWatch.learn('secret', Buffer.from(key).toString());
      const token = await super.sign(...call);
      leakWatch.learn('ticket', token);
      return token;
    }
  }
  return { ...module, SignJWT };
});

vi.mock(import('../../relay/access/leg-tickets.ts'), async (original) => {
  const module = await original();
  class LegTickets extends module.LegTickets {
    override issue(room: RoomId, epoch: number, nowMs: number): string {
      const ticket = super.issue(room, epoch, nowMs);
      leakWatch.learn('ticket', ticket);
      return ticket;
    }
  }
  return { ...module, LegTickets };
});

vi.mock(import('../../relay/ingest/vonage-door.ts'), async (original) => {
  const module = await original();
  class VonageDoor extends module.VonageDoor {
    override answer(...[authorization, body]: Webhook): Promise<WebhookAnswer> {
      learnWebhook(authorization, body);
      return super.answer(authorization, body);
    }

    override event(...[authorization, body]: Webhook): Promise<WebhookAnswer> {
      learnWebhook(authorization, body);
      return super.event(authorization, body);
    }

    override pin(...[authorization, body, ...where]: [...Webhook, string, string]): Promise<WebhookAnswer> {
      learnWebhook(authorization, body);
      return super.pin(authorization, body, ...where);
    }
  }
  return { ...module, VonageDoor };
});

// oxlint-disable-next-line unbound-method -- called with the server as `this`
const { emit } = EventEmitter.prototype;
Object.assign(Server.prototype, {
  emit(this: Server, name: string | symbol, ...parts: unknown[]): boolean {
    const [request] = parts;
    if (request instanceof IncomingMessage) learnRequest(request);
    return emit.call(this, name, ...parts);
  },
});

// Lines are searched whatever the level: a test that wants silence is searched too. `KeptLog` sends its own.

vi.mock(import('../../relay/log.ts'), async (original) => {
  const module = await original();
  const createLog: typeof module.createLog = (level, stream) => {
    const log = module.createLog(level, stream);
    return { ...watched(log), setLevel: (next) => log.setLevel(next) };
  };
  return { ...module, createLog };
});

subscribe('child_process', (message) => {
  if (typeof message !== 'object' || message === null || !('process' in message)) return;
  const child = message.process;
  if (!(child instanceof ChildProcess)) return;
  // It has its streams only when `spawn` returns.
  queueMicrotask(() => {
    if (child.spawnfile === process.execPath && child.stdout)
      createInterface({ input: child.stdout }).on('line', searchPrinted);
  });
});

vi.mock(import('../../relay/errors.ts'), async (original) => {
  const module = await original();
  const problemBody: typeof module.problemBody = (refusal) => {
    const body = module.problemBody(refusal);
    leakWatch.answer(`a problem ${refusal.code}`, { body });
    return body;
  };
  return { ...module, problemBody };
});

vi.mock(import('ws'), async (original) => {
  const module = await original();
  // oxlint-disable-next-line unbound-method -- called with the socket as `this`
  const { close } = module.WebSocket.prototype;
  module.WebSocket.prototype.close = function (code, reason) {
    if (reason !== undefined) leakWatch.answer(`a close ${code}`, { reason: String(reason) });
    return close.call(this, code, reason);
  };
  return module;
});

// oxlint-disable-next-line no-empty-pattern -- the first argument is for fixtures, and must be taken apart
afterAll(({}, file) => {
  const { counts } = leakWatch;
  file.meta.leakCounts = counts;
  expect(leakWatch.takeLeaks(), 'secrets that the relay has told').toEqual([]);
  if (counts.relays === 0) return;
  expect(counts.lines, 'lines of the relays that were started').toBeGreaterThanOrEqual(counts.relays);
  expect(Math.max(...Object.values(counts.secrets)), 'secrets of the relays').toBeGreaterThan(0);
});

function watched(log: Log): Log {
  const at =
    (level: keyof Log): Log['info'] =>
    (event, fields) => {
      leakWatch.line({ ...fields, event });
      log[level](event, fields);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function learnConfig({ tickets, admin, vonage, rooms }: Config): void {
  for (const secret of [tickets.secret, tickets.previousSecret, admin?.key])
    leakWatch.learn('secret', secret);
  for (const secret of [vonage?.privateKey, vonage?.signatureSecret, vonage?.apiSecret])
    leakWatch.learn('secret', secret);
  leakWatch.learn('number', vonage?.from);
  for (const { number, pin, hostPin } of rooms) {
    leakWatch.learn('number', number);
    leakWatch.learn('code', pin);
    leakWatch.learn('code', hostPin);
  }
}

/** Whatever comes where a ticket or a key belongs, right or wrong: a wrong one may be the right one mistyped. */
function learnRequest({ headers, url = '' }: IncomingMessage): void {
  learnAuthorization(headers.authorization);
  for (const offered of headers['sec-websocket-protocol']?.split(',') ?? [])
    leakWatch.learn('ticket', /^\s*bearer\.(.*)$/.exec(offered)?.[1]);
  leakWatch.learn('ticket', /[?&]ticket=([^&]*)/.exec(url)?.[1]);
  leakWatch.learn('ticket', /^\/vonage\/leg\/[^/]+\/([^/?]+)/.exec(url)?.[1]);
}

function learnAuthorization(authorization: string | undefined): void {
  leakWatch.learn('ticket', authorization?.split(' ').at(-1));
}

function learnWebhook(authorization: string | undefined, body: string | Buffer): void {
  learnAuthorization(authorization);
  const text = body.toString();
  for (const [, number] of text.matchAll(/"(?:to|from)":"(\+?\d{5,})"/g)) leakWatch.learn('number', number);
  for (const [, keys] of text.matchAll(/"digits":"(\d{4,})/g)) leakWatch.learn('code', keys);
}

/** Of what another process prints, only a log's lines: `conf-relay token` prints a ticket and should. */
function searchPrinted(text: string): void {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null && 'event' in line) leakWatch.line(line);
  } catch {
    // not JSON: no line of a log
  }
}
