import { CloseCode } from '../wire/messages.ts';
import { StreamReader } from '../wire/stream.ts';
import type { Line, LineOutlet } from './line.ts';

/** A relay or a cache that answers every poll at once is not asked more often, ms. */
const LEAST_MS = 100;
/** The cursor before all chunks: the relay collects then, too. */
const NO_CHUNK = '0.0';
/** As a socket says it of a connection that broke. */
const BROKEN = 1006;

/**
 * A line over fetch: one answer without an end, or, where there is a `cursor` (`epoch.sequence` of the last chunk, ''
 * before one), finite answers one after another. `roomUrl` ends in a slash; `ticketAt` gives each request its ticket or
 * ''; `random` is in (0, 1). wire/PROTOCOL.md.
 */
export function openHttpLine(
  roomUrl: string,
  ticketAt: () => string,
  outlet: LineOutlet,
  request: typeof fetch,
  random: number,
  cursor?: () => string,
): Line {
  const ended = new AbortController();
  const run = async (): Promise<void> => {
    for (let after = ''; ; after = `&after=${cursor() || NO_CHUNK}`) {
      const rest = new Promise((resolve) => setTimeout(resolve, LEAST_MS));
      const path = cursor ? `chunks?wait=1&listener=${String(random).slice(2)}${after}` : 'stream';
      const ticket = ticketAt();
      const response = await request(roomUrl + path, {
        signal: ended.signal,
        cache: 'no-store',
        credentials: 'omit',
        headers: ticket ? { Authorization: `Bearer ${ticket}` } : {},
      });
      const { status, body } = response;
      const refusal = await refusalOf(response);
      if (refusal) {
        outlet.onClosed(status < 500 ? status + 4000 : CloseCode.goingAway, refusal);
        return;
      }
      if (status !== 200 || !body || !(await read(body, outlet)) || !cursor) break;
      await rest;
    }
    outlet.onClosed(BROKEN, '');
  };
  run().catch(() => outlet.onClosed(BROKEN, ''));
  return { close: () => ended.abort() };
}

/** Hands out an answer's messages; resolves to whether it could be read to its end. */
async function read(body: ReadableStream<Uint8Array>, outlet: LineOutlet): Promise<boolean> {
  const reader = new StreamReader();
  const source = body.getReader();
  for (;;) {
    const { done, value } = await source.read();
    if (done) return true;
    const reading = reader.push(value);
    if (reading.kind === 'fault') return false;
    for (const { kind, bytes } of reading.messages) {
      if (kind === 'chunk') outlet.onData(bytes);
      else outlet.onData(kind === 'text' ? new TextDecoder().decode(bytes) : undefined);
    }
  }
}

/** Why the relay itself refuses, in its words; undefined where it does not, or where somebody between answers for it. */
async function refusalOf(response: Response): Promise<string | undefined> {
  const isProblem = response.headers.get('content-type')?.includes('problem+json');
  if (!isProblem) return undefined;
  const problem: unknown = await response.json();
  const told = typeof problem === 'object' && problem && 'code' in problem && 'detail' in problem;
  return told ? `${String(problem.code)}: ${String(problem.detail)}` : undefined;
}
