import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { decodeChunk, encodeChunk, type Chunk } from '../../../wire/chunk.ts';
import {
  parseRelayMessage,
  type CaptionMessage,
  type RelayMessage,
  type RoomState,
} from '../../../wire/messages.ts';
import { StreamReader, type StreamKind } from '../../../wire/stream.ts';
import { Stay } from '../../../relay/access/stay.ts';
import { LocalBus } from '../../../relay/bus/local-bus.ts';
import { ProblemError } from '../../../relay/errors.ts';
import { Fanout } from '../../../relay/fanout/fanout.ts';
import { HttpDoor } from '../../../relay/fanout/http-door.ts';
import { kernelTables, Unacked } from '../../../relay/fanout/unacked.ts';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { chunk } from '../../support/relay-words.ts';
import { roomId } from '../../support/rooms.ts';

const ROOM = roomId('a');

/** The fan-out's door for plain HTTP on a real socket, with a clock that the test moves. Room `a` is live. */
export class HttpStage {
  readonly clock = new FakeClock();
  readonly fanout: Fanout;
  /** How many the room has been told to have, at every change. */
  readonly audiences: number[] = [];
  /** Who has entered and not left. */
  entered = 0;
  /** Looks at the kernel's tables that are not over. */
  looking = 0;
  readonly #bus = new LocalBus();
  readonly #server: Server;
  #sequence = 0;

  constructor() {
    const { clock } = this;
    this.fanout = new Fanout({
      rooms: new Map([[ROOM, { title: 'A', chunkMs: 100, showListeners: true }]]),
      subscribe: (id, onMessage) => this.#bus.subscribe(id, onMessage),
      announce: (_, listeners) => this.audiences.push(listeners),
      retryWindowMs: 10_000,
      clock,
      random: () => 0.25,
    });
    const door = new HttpDoor({
      receive: async (_, __, response) => {
        const stay = this.#stay();
        response.once('close', () => stay.leave());
        return { kind: 'admitted', room: ROOM, stay };
      },
      receivePoll: async () => ({ kind: 'admitted', room: ROOM, stay: this.#stay() }),
      check: async () => ROOM,
      join: (room, transport) => this.fanout.join(room, transport),
      hello: (room) => this.fanout.hello(room),
      unacked: new Unacked(clock, () => this.#look()),
      clock,
    });
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://relay');
      if (pathname === '/stream') return void door.stream(ROOM, response);
      if (pathname === '/stream.wav') return void door.wav(ROOM, searchParams, response);
      door.poll(ROOM, searchParams, response).catch((error: unknown) => {
        if (!(error instanceof ProblemError)) throw error;
        response.writeHead(error.problem.status).end(error.problem.detail);
      });
    });
    this.turn('live');
  }

  #stay(): Stay {
    this.entered++;
    return new Stay({
      untilMs: undefined,
      check: async () => ({ kind: 'let-in', room: ROOM }),
      onLeave: () => this.entered--,
      clock: this.clock,
    });
  }

  /** The room's state is another one. */
  turn(state: RoomState): void {
    this.#bus.publish(ROOM, { kind: 'status', status: { state, epoch: 1, sampleRate: 16_000 } });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** Time passes, but stands still while the kernel is asked. */
  async pass(seconds: number): Promise<void> {
    for (let quarter = 0; quarter < 4 * seconds; quarter++) {
      this.clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
      await until('the kernel has told', () => this.looking === 0);
    }
  }

  /** Connections that the server has. */
  connections(): Promise<number> {
    return new Promise((resolve) => this.#server.getConnections((_, count) => resolve(count)));
  }

  async *#look(): AsyncIterable<string> {
    this.looking++;
    try {
      yield* kernelTables();
    } finally {
      this.looking--;
    }
  }

  /** The room's next so many chunks of 100 ms; the clock stands still. */
  speak(chunks: number): void {
    for (let n = 0; n < chunks; n++) {
      this.#bus.publish(ROOM, { kind: 'chunk', bytes: encodeChunk(chunk(this.#sequence++)) });
    }
  }

  /** What the operator has to say. */
  announce(text: string): void {
    this.#bus.publish(ROOM, { kind: 'notice', text });
  }

  /** What was said in the room, as text. */
  write(caption: CaptionMessage): void {
    this.#bus.publish(ROOM, { kind: 'caption', caption });
  }

  /** A client that has the head of its response; paused until it is read. */
  client(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get(this.url + path, { agent: false }, resolve).once('error', reject);
    });
  }
}

/** What a listener over plain HTTP has heard. */
export class HttpEar {
  readonly messages: RelayMessage[] = [];
  readonly chunks: Chunk[] = [];
  readonly kinds: StreamKind[] = [];
  readonly #reader = new StreamReader();

  /** Takes the next bytes. Throws for any that are no messages. */
  push(bytes: Uint8Array): void {
    const reading = this.#reader.push(bytes);
    if (reading.kind === 'fault') throw new Error(reading.code);
    for (const { kind, bytes: body } of reading.messages) {
      this.kinds.push(kind);
      if (kind === 'text') this.#read(Buffer.from(body).toString());
      if (kind === 'chunk') this.#hear(body);
    }
  }

  get sequences(): number[] {
    return this.chunks.map(({ sequence }) => sequence);
  }

  /** `after` for the next poll. */
  get cursor(): string {
    const last = this.chunks.at(-1);
    return last ? `${last.epoch}.${last.sequence}` : '0.0';
  }

  #hear(bytes: Uint8Array): void {
    const reading = decodeChunk(bytes);
    if (reading.kind === 'fault') throw new Error(reading.code);
    this.chunks.push(reading.chunk);
  }

  #read(text: string): void {
    const parsed = parseRelayMessage(text);
    if (parsed.kind !== 'message') throw new Error(`${parsed.kind}: ${text}`);
    this.messages.push(parsed.message);
  }
}
