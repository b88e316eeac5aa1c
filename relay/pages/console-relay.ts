import { textIn } from './console-fields.ts';

/** A relay that takes longer counts as away. */
const PATIENCE_MS = 5000;
/** Of longer answers, only the beginning is read: of JSON more than there ever is, of text what a field can show. */
const MOST_CHARS = { json: 20_000_000, text: 500_000 };

/** What came of asking the relay. */
export type Answer =
  | { kind: 'told'; body: unknown; text: string; isCut: boolean }
  /** The key is not, or no longer, taken. */
  | { kind: 'locked'; detail: string }
  /** It answered with a problem. `code` and `detail` are its own words. */
  | { kind: 'refused'; code: string; detail: string }
  /** It did not answer, or what did is no relay. */
  | { kind: 'away' };

/** Asks the relay whose page this is, with a key that it keeps to itself. */
export class RelayDoor {
  readonly #authorization: string;

  constructor(key: string) {
    // A header's characters are bytes; the relay reads them as UTF-8, as a shell sends them.
    this.#authorization = `Bearer ${String.fromCharCode(...new TextEncoder().encode(key))}`;
  }

  /** What stands under a path. Never rejects. */
  get(path: string): Promise<Answer> {
    return this.#ask(path, { method: 'GET' });
  }

  /** Does what a path stands for. Never rejects. */
  post(path: string, body?: unknown): Promise<Answer> {
    return this.#ask(path, { method: 'POST', ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  async #ask(path: string, request: { method: 'GET' | 'POST'; body?: string }): Promise<Answer> {
    try {
      const response = await fetch(path, {
        ...request,
        headers: {
          Authorization: this.#authorization,
          ...(request.body !== undefined && { 'Content-Type': 'application/json' }),
        },
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return await answerOf(response);
    } catch {
      // Of the network, of the time it may take, or of what is no JSON: no relay answers so.
      return { kind: 'away' };
    }
  }
}

/** The text of an answer, or as much of it as is read. */
async function textOf({ body }: Response, mostChars: number): Promise<{ text: string; isCut: boolean }> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) return { text, isCut: false };
    text += value;
    if (text.length < mostChars) continue;
    await reader?.cancel();
    return { text: text.slice(0, mostChars), isCut: true };
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const { ok, status, headers } = response;
  const isJson = /json/.test(headers.get('Content-Type') ?? '');
  const said = await textOf(response, MOST_CHARS[isJson ? 'json' : 'text']);
  const body: unknown = isJson ? JSON.parse(said.text) : undefined;
  if (ok) return { kind: 'told', body, ...said };
  const code = textIn(body, 'code');
  const detail = textIn(body, 'detail') ?? '';
  if (status === 401) return { kind: 'locked', detail };
  // Who has no code is a proxy before a relay that is down.
  if (code === null) return { kind: 'away' };
  return { kind: 'refused', code, detail };
}
