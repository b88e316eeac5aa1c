import * as v from 'valibot';
import { WebSocket } from 'ws';
import { networkFault } from '../network-fault.ts';
import { doorPaths } from './doorbell.ts';

/** Who answered. `doorbell`: the one with our word. `relay`: a relay, in the words of its protocol. */
export type Answerer = 'doorbell' | 'relay' | 'other';

/** What came of a dial; the code is that of network-fault.ts, or `http-502`. */
export type DialOutcome = { kind: 'answered'; by: Answerer } | { kind: 'failed'; code: string };

const TIMEOUT_MS = 5000;
const MAX_CHARS = 10_000;
/** RFC 6455 §7.4.2: codes from here on are an application's own. */
const OWN_CLOSE_CODES = 4000;

/** What a relay says of a room that it does not have, and most other refusals. */
const RelayRefusal = v.object({ status: v.number(), code: v.string(), detail: v.string() });

/** Asks at `origin` for what only a relay, or its doorbell with this word, has. */
export async function dialHttp(origin: string, word: string): Promise<DialOutcome> {
  try {
    const reply = await fetch(`${origin}${doorPaths(word).path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await reply.text()).slice(0, MAX_CHARS);
    if (text === word) return { kind: 'answered', by: 'doorbell' };
    if (isRelayRefusal(text)) return { kind: 'answered', by: 'relay' };
    return reply.status >= 500
      ? { kind: 'failed', code: `http-${reply.status}` }
      : { kind: 'answered', by: 'other' };
  } catch (error) {
    return { kind: 'failed', code: networkFault(error) };
  }
}

/** Opens a WebSocket there. A relay lets it in and closes it: it has no such room. */
export function dialSocket(origin: string, word: string): Promise<DialOutcome> {
  return new Promise((resolve) => {
    const url = `${origin.replace(/^http/, 'ws')}${doorPaths(word).socketPath}`;
    const socket = new WebSocket(url, ['conf.v1'], {
      handshakeTimeout: TIMEOUT_MS,
      perMessageDeflate: false,
    });
    const timer = setTimeout(() => settle({ kind: 'failed', code: 'timeout' }), 2 * TIMEOUT_MS);
    const settle = (outcome: DialOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      socket.terminate();
    };
    socket.once('error', (error) => settle({ kind: 'failed', code: networkFault(error) }));
    socket.once('close', (code, reason) => {
      if (reason.toString() === word) settle({ kind: 'answered', by: 'doorbell' });
      else settle({ kind: 'answered', by: code >= OWN_CLOSE_CODES ? 'relay' : 'other' });
    });
  });
}

function isRelayRefusal(text: string): boolean {
  try {
    return v.is(RelayRefusal, JSON.parse(text));
  } catch {
    return false; // a page, or nothing
  }
}
