import { encodeChunk, type Chunk } from '../../wire/chunk.ts';
import type { RelayMessage } from '../../wire/messages.ts';
import { encodeStreamMessage } from '../../wire/stream.ts';

/** A request whose other end is the test. Nothing happens on it by itself. */
export class FakeRequest {
  readonly url: string;
  readonly init: RequestInit;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: Error) => void;
  #body: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;

  constructor(
    url: string,
    init: RequestInit,
    resolve: (response: Response) => void,
    reject: (error: Error) => void,
  ) {
    this.url = url;
    this.init = init;
    this.#resolve = resolve;
    this.#reject = reject;
    init.signal?.addEventListener('abort', () => {
      reject(new DOMException('The user aborted a request.', 'AbortError'));
      this.#body?.error(new DOMException('The user aborted a request.', 'AbortError'));
      this.#body = undefined;
    });
  }

  /** Whether the player has ended it. */
  get closed(): boolean {
    return this.init.signal?.aborted === true;
  }

  /** What its query says. */
  get query(): URLSearchParams {
    return new URL(this.url).searchParams;
  }

  /** The answer begins. */
  accept(status = 200): this {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => (this.#body = controller),
    });
    this.#resolve(new Response(body, { status }));
    return this;
  }

  /** The relay refuses, in its own words. */
  refuse(status: number, code: string, detail: string): void {
    const headers = { 'Content-Type': 'application/problem+json' };
    this.#resolve(new Response(JSON.stringify({ status, code, detail }), { status, headers }));
  }

  /** A page's own server answers. */
  answer(text: string, status = 200): void {
    this.#resolve(new Response(text, { status }));
  }

  /** Somebody between answers with a page of his own. */
  answerPage(status: number): void {
    const headers = { 'Content-Type': 'text/html' };
    this.#resolve(new Response('<!doctype html><p>Blocked', { status, headers }));
  }

  /** The network fails it. */
  fail(): void {
    this.#reject(new TypeError('Failed to fetch'));
  }

  /** The relay sends a message. */
  tell(message: RelayMessage): this {
    return this.sendRaw(encodeStreamMessage('text', new TextEncoder().encode(JSON.stringify(message))));
  }

  /** The relay sends a chunk. */
  send(chunk: Chunk): this {
    return this.sendRaw(encodeStreamMessage('chunk', encodeChunk(chunk)));
  }

  /** The relay gives a sign of life. */
  beat(): this {
    return this.sendRaw(encodeStreamMessage('beat', new Uint8Array()));
  }

  /** The relay sends whatever this is. */
  sendRaw(bytes: Uint8Array<ArrayBuffer>): this {
    this.#body?.enqueue(bytes);
    return this;
  }

  /** The answer ends. */
  end(): void {
    this.#body?.close();
  }
}

/** A `fetch` whose requests the test answers. */
export class FakeFetch {
  /** Oldest first. */
  readonly made: FakeRequest[] = [];
  /** Fails every request at once, as where nothing is there. */
  failing = false;

  /** In the place of the page's own. */
  readonly fetch: typeof fetch = async (input, init = {}) =>
    new Promise<Response>((resolve, reject) => {
      const url = String(input instanceof Request ? input.url : input);
      const request = new FakeRequest(url, init, resolve, reject);
      this.made.push(request);
      if (this.failing) request.fail();
    });

  /** The newest request. Throws when there is none. */
  get last(): FakeRequest {
    const last = this.made.at(-1);
    if (!last) throw new Error('nothing was fetched');
    return last;
  }
}
