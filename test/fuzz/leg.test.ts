import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { connectLeg } from '../../relay/ingest/leg-socket.ts';
import type { CaptionVerdict, SpokenCaption } from '../../relay/caption.ts';
import type { LegEnd, LegHandle } from '../../relay/leg.ts';
import { CloseCode } from '../../wire/messages.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { KeptLog } from '../support/quiet-log.ts';
import { roomId } from '../support/rooms.ts';
import { anyJson, anyText, hexBytes, hunt, MOST_MS } from './campaign.ts';

/** What can happen to a leg's socket; `close` is the far side's, `hang-up` the room's. */
const Step = v.variant('kind', [
  v.strictObject({ kind: v.literal('text'), text: v.string() }),
  v.strictObject({ kind: v.literal('frame'), bytes: v.number() }),
  v.strictObject({ kind: v.literal('binary'), bytes: hexBytes }),
  v.strictObject({ kind: v.literal('pong') }),
  v.strictObject({ kind: v.literal('error'), code: v.string() }),
  v.strictObject({ kind: v.literal('wait'), ms: v.number() }),
  v.strictObject({ kind: v.literal('hang-up') }),
  v.strictObject({ kind: v.literal('close'), code: v.number() }),
]);
type Step = v.InferOutput<typeof Step>;

const rates = fc.constantFrom('8000', '16000', '24000', '44100', '016000', '16000.5', '1e4', '-8000');
const contentType = fc.oneof(
  { weight: 3, arbitrary: rates.map((rate) => `audio/l16;rate=${rate}`) },
  rates.map((rate) => `Audio/L16; rate=${rate}`),
  rates.map((rate) => `audio/l16;rate=${rate};channels=2`),
  anyText,
);
const field = fc.oneof(
  anyJson.filter((json) => json !== ''),
  anyText.map((value) => JSON.stringify(value)),
  fc.nat(600).map((chars) => JSON.stringify('x'.repeat(chars))),
);
/** A caption in order, of which one field may be anything, or not there. */
const caption = fc
  .tuple(
    fc.constantFrom('id', 'text', 'final', 'startMs', 'endMs', 'speaker', 'lang', 'type'),
    field,
    fc.boolean(),
  )
  .map(([name, json, isThere]) => {
    const fields = new Map([
      ['type', '"caption"'],
      ['id', '"c1"'],
      ['text', '"Good morning."'],
      ['final', 'true'],
    ]);
    if (isThere) fields.set(name, json);
    else fields.delete(name);
    return `{${[...fields].map(([key, value]) => `"${key}":${value}`).join()}}`;
  });
const text = fc.oneof(
  { weight: 6, arbitrary: caption },
  {
    weight: 4,
    arbitrary: contentType.map(
      (type) => ` ${JSON.stringify({ event: 'websocket:connected', 'content-type': type })}`,
    ),
  },
  { weight: 2, arbitrary: anyJson.map((json) => `{"event":"websocket:media:update","active":${json || 0}}`) },
  anyJson.map((json) => `{"content-type":${json || 0}}`),
  anyJson,
  anyText,
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('text'), text }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('frame'),
      bytes: fc.constantFrom(320, 640, 640, 640, 960, 2, 639, 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('binary'), bytes: fc.uint8Array({ maxLength: 9 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pong') }) },
  fc.record({ kind: fc.constant('error'), code: fc.constantFrom('WS_ERR_INVALID_UTF8', 'ECONNRESET', '') }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.nat(6000) }) },
  fc.record({ kind: fc.constant('hang-up') }),
  fc.record({ kind: fc.constant('close'), code: fc.constantFrom(1000, 1001, 1005, 1006, 4400) }),
);
/** Most legs introduce themselves well: what follows would else be heard by nobody. */
const INTRODUCED: Step = { kind: 'text', text: ' {"content-type":"audio/l16;rate=16000"}' };
const opening = fc.constantFrom<Step[]>([INTRODUCED], [INTRODUCED], [INTRODUCED], []);
const madeUp = fc
  .tuple(opening, fc.array(step, { maxLength: 25 }))
  .map(([first, then]) => [...first, ...then]);

/** A connected socket without a network: whether and when the far side answers a close is the case's affair. */
class LegSocket extends EventEmitter {
  readonly closes: number[] = [];
  over = false;

  /** This one where a `ws` socket is asked for: it has the part of it that a leg uses. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  close(code: number): void {
    this.closes.push(code);
  }

  terminate(): void {
    this.end(1006);
  }

  ping(): void {
    expect(this.over).toBe(false);
  }

  end(code: number): void {
    if (this.over) return;
    this.over = true;
    this.emit('close', code, Buffer.alloc(0));
  }
}

const MOVES = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** What a room hears of a leg, in its order; a frame by its length. */
class Sink {
  readonly heard: (string | number)[] = [];
  readonly ends: LegEnd[] = [];
  frameBytes = 0;

  opened(sampleRate: number): void {
    expect([this.frameBytes, this.ends]).toEqual([0, []]);
    expect([8000, 16_000, 24_000]).toContain(sampleRate);
    this.frameBytes = sampleRate / 25;
  }

  frame(pcm: Uint8Array): void {
    expect([this.frameBytes > 0, this.ends]).toEqual([true, []]);
    expect(pcm.length > 0 && pcm.length % 2 === 0 && pcm.length <= this.frameBytes).toBe(true);
    this.heard.push(pcm.length);
  }

  caption({
    id,
    text: said,
    final,
    startMs = 0,
    endMs = 0,
    speaker = '',
    lang = 'en',
  }: SpokenCaption): CaptionVerdict {
    expect([this.frameBytes > 0, this.ends, typeof final]).toEqual([true, [], 'boolean']);
    expect(Math.min(startMs, endMs) >= 0 && Math.max(startMs, endMs) < Infinity).toBe(true);
    for (const [most, each] of [
      [64, id],
      [500, said],
      [80, speaker],
    ] as const) {
      expect(each.length).toBeLessThanOrEqual(most);
      // On one line, of whole characters, and from left to right as it comes.
      expect([each, MOVES.test(each)]).toEqual([each, false]);
      expect(Buffer.from(each).toString()).toBe(each);
    }
    expect(id).not.toBe('');
    expect(lang).toMatch(/^[a-z0-9-]{1,35}$/i);
    return this.heard.length % 2 ? 'taken' : 'not-live';
  }

  held(held: boolean): void {
    expect([typeof held, this.frameBytes > 0, this.ends]).toEqual(['boolean', true, []]);
  }

  closed(end: LegEnd): void {
    this.ends.push(end);
  }
}

function play(steps: readonly Step[]) {
  const [socket, sink, clock, log] = [new LegSocket(), new Sink(), new FakeClock(), new KeptLog()];
  const given: LegHandle[] = [];
  const handle = connectLeg({
    socket: socket.asWebSocket,
    sink: (each) => {
      given.push(each);
      return sink;
    },
    room: roomId('allhands'),
    clock,
    log,
  });
  expect(given).toHaveLength(1);
  /** Right frames since the leg was opened, for as long as nothing was wrong with it. */
  const sent: number[] = [];
  const say = (data: Buffer, isBinary: boolean): void => {
    const isRight = data.length > 0 && data.length % 2 === 0 && data.length <= sink.frameBytes;
    if (isBinary && isRight && log.of('leg.fault').length === 0) sent.push(data.length);
    socket.emit('message', data, isBinary);
  };
  for (const each of steps) {
    if (socket.over) break;
    switch (each.kind) {
      case 'text':
        say(Buffer.from(each.text), false);
        break;
      case 'frame':
        say(Buffer.alloc(each.bytes), true);
        break;
      case 'binary':
        say(Buffer.from(each.bytes), true);
        break;
      case 'pong':
        socket.emit('pong', Buffer.alloc(0));
        break;
      case 'error':
        socket.emit('error', Object.assign(new Error('broken'), each.code && { code: each.code }));
        break;
      case 'wait':
        clock.advance(each.ms);
        break;
      case 'hang-up':
        handle.close(CloseCode.superseded, 'superseded');
        break;
      case 'close':
        socket.end(each.code);
        break;
      default:
        each satisfies never;
    }
  }
  return { socket, sink, clock, log, sent };
}

test(
  '10,000 legs: what is wrong is logged once and closed with 4400; nothing is heard before opened or after closed',
  async () => {
    await hunt({ name: 'leg', written: v.array(Step), madeUp }, (steps) => {
      const { socket, sink, clock, log, sent } = play(steps);
      const [faults, refusals] = [log.of('leg.fault'), log.of('caption.refused')];
      expect([faults.length <= 1, refusals.length <= 1]).toEqual([true, true]);
      expect(log.lines).toHaveLength(faults.length + refusals.length);
      const [fault] = faults;
      for (const line of log.lines) expect(line).toMatchObject({ level: 'warn', room: 'allhands' });
      // What a caption says is nobody's but its readers'.
      for (const { detail = '' } of refusals) expect(detail).toMatch(/^("[a-zA-Z]+" (is|has) [a-z0-9 ]+)?$/);
      const isDeaf = fault?.['code'] === 'no-sign-of-life';
      expect([socket.closes.includes(CloseCode.badRequest), steps]).toEqual([
        fault !== undefined && !isDeaf,
        steps,
      ]);
      if (isDeaf) expect(socket.over).toBe(true);
      expect(sink.heard).toEqual(sent);
      expect(sink.ends).toHaveLength(socket.over ? 1 : 0);
      if (fault && socket.over) expect(sink.ends).toEqual(['lost']);

      // A far side that answers nothing is cut in the end, and takes every timer along.
      clock.advance(20_000);
      expect([socket.over, sink.ends.length, clock.pending]).toEqual([true, 1, 0]);
      expect(log.of('leg.fault').length).toBeLessThanOrEqual(1);
    });
  },
  MOST_MS,
);
