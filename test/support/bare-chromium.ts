import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { CHROMIUM_ARGS, findChromium } from './browser.js';

/** A tab of a {@link BareChromium}. */
export interface BareTab {
  /** The value of an expression in the page, awaited. */
  evaluate(expression: string): Promise<unknown>;
}

/** A Chromium whose tabs really hide: test drivers keep every page visible. */
export interface BareChromium {
  /** Opens an address in a tab in front of all others. */
  open(url: string): Promise<BareTab>;
  close(): Promise<void>;
}

/** Starts one with a profile of its own, where sound needs no click. */
export async function launchBareChromium(): Promise<BareChromium> {
  const profile = mkdtempSync(join(tmpdir(), 'bare-chromium-'));
  const flags = [
    ...CHROMIUM_ARGS,
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(await findChromium(), [...flags, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const origin = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stderr.on('data', (text: Buffer) => {
      printed += text.toString();
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('exit', () => reject(new Error(`Chromium ended at once: ${printed}`)));
  });
  const sockets: WebSocket[] = [];
  return {
    async open(url) {
      const response = await fetch(`${origin}/json/new?${url}`, { method: 'PUT' });
      const target: unknown = await response.json();
      const socket = new WebSocket(fieldOf(target, 'webSocketDebuggerUrl'));
      sockets.push(socket);
      await once(socket, 'open');
      return { evaluate: (expression) => evaluate(socket, expression) };
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      child.kill();
      await once(child, 'exit');
      // Its helper processes may still be writing there.
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

let lastId = 0;

async function evaluate(socket: WebSocket, expression: string): Promise<unknown> {
  const id = ++lastId;
  const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
  socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }));
  return new Promise((resolve) => {
    socket.on('message', function onMessage(data: Buffer) {
      const answer: unknown = JSON.parse(data.toString());
      if (valueAt(answer, 'id') !== id) return;
      socket.off('message', onMessage);
      resolve(valueAt(valueAt(valueAt(answer, 'result'), 'result'), 'value'));
    });
  });
}

function valueAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function fieldOf(value: unknown, name: string): string {
  const field = valueAt(value, name);
  if (typeof field !== 'string') throw new Error(`Chromium answered without ${name}`);
  return field;
}
