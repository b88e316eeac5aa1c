import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CAPTION_CHARS,
  CloseCode,
  NOTICE_CHARS,
  isRetryable,
  parseListenerMessage,
  parseRelayMessage,
} from '../../wire/messages.ts';

const HELLO = {
  type: 'hello',
  protocol: 1,
  room: 'allhands',
  title: 'All hands',
  state: 'live',
  epoch: 1_795_224_993_123,
  sampleRate: 16_000,
  chunkMs: 100,
  mediaMs: 61_240,
  retryWindowMs: 10_000,
};

const CAPTION = {
  type: 'caption',
  id: 'c42',
  epoch: 1_795_224_993_123,
  startMs: 61_240,
  endMs: 63_010,
  text: 'Good morning, everyone.',
  final: true,
};

describe('texts of the relay', () => {
  test('hello is read with all its fields, listeners only where given', () => {
    expect(parseRelayMessage(JSON.stringify(HELLO))).toEqual({ kind: 'message', message: HELLO });
    const counted = { ...HELLO, listeners: 12 };
    expect(parseRelayMessage(JSON.stringify(counted))).toEqual({ kind: 'message', message: counted });
    const closed = { ...HELLO, state: 'waiting', opensAt: 1_795_698_000_000, notice: 'We begin late.' };
    expect(parseRelayMessage(JSON.stringify(closed))).toEqual({ kind: 'message', message: closed });
  });

  test('hello of a room without a leg has null for epoch, sampleRate and mediaMs', () => {
    const idle = { ...HELLO, state: 'idle', epoch: null, sampleRate: null, mediaMs: null };
    expect(parseRelayMessage(JSON.stringify(idle))).toEqual({ kind: 'message', message: idle });
  });

  test('state, clock, meta, caption, notice and bye are read', () => {
    for (const message of [
      { type: 'meta', listeners: 1200 },
      CAPTION,
      { ...CAPTION, final: false, speaker: 'Martin', lang: 'en-GB' },
      { type: 'state', state: 'waiting' },
      { type: 'state', state: 'waiting', opensAt: 1_795_698_000_000 },
      { type: 'notice', text: 'Wir beginnen zehn Minuten später.' },
      { type: 'notice', text: '', until: 1_795_698_000_000 },
      { type: 'clock', epoch: 1, mediaMs: 2 },
      { type: 'bye', code: 4000, reason: 'going away', retryInMs: 500 },
      { type: 'bye', code: 4404, reason: 'no such room' },
    ]) {
      expect(parseRelayMessage(JSON.stringify(message))).toEqual({ kind: 'message', message });
    }
  });

  test('a caption takes 64 characters of id, 500 of text, 80 of speaker and 35 of lang, and not one more', () => {
    for (const [field, chars] of Object.entries(CAPTION_CHARS)) {
      const ofLength = (length: number) =>
        parseRelayMessage(JSON.stringify({ ...CAPTION, [field]: 'x'.repeat(length) }));
      expect(ofLength(chars).kind).toBe('message');
      expect(ofLength(chars + 1)).toMatchObject({ kind: 'fault', code: 'bad-field' });
    }
    expect(CAPTION_CHARS).toEqual({ id: 64, text: 500, speaker: 80, lang: 35 });
  });

  test.each([
    ['200 characters', 'x'.repeat(200), 'message'],
    ['100 pairs of a sign outside the first plane', '📣'.repeat(100), 'message'],
    ['201 characters', 'x'.repeat(201), 'fault'],
    ['a line break', 'one\ntwo', 'fault'],
    ['a line separator', 'one\u2028two', 'fault'],
    ['a control character', 'one\u0007two', 'fault'],
    ['a number', 17, 'fault'],
    ['nothing', undefined, 'fault'],
  ])('a notice of %s', (_, text, kind) => {
    expect(parseRelayMessage(JSON.stringify({ type: 'notice', text })).kind).toBe(kind);
    const inHello = parseRelayMessage(JSON.stringify({ ...HELLO, notice: text }));
    expect(inHello.kind).toBe(text === undefined ? 'message' : kind);
    expect(NOTICE_CHARS).toBe(200);
  });

  test.each(['id', 'epoch', 'startMs', 'endMs', 'text', 'final'])(
    'a caption without "%s" is a fault that names it',
    (field) => {
      expect(parseRelayMessage(JSON.stringify({ ...CAPTION, [field]: undefined }))).toEqual({
        kind: 'fault',
        code: 'bad-field',
        detail: `"${field}" is missing or of another kind`,
      });
    },
  );

  test('an unknown type is named, not refused; unknown fields do no harm', () => {
    expect(parseRelayMessage('{"type":"applause","text":"x"}')).toEqual({
      kind: 'unknown',
      type: 'applause',
    });
    expect(parseRelayMessage('{"type":"state","state":"live","extra":1}')).toMatchObject({
      kind: 'message',
      message: { type: 'state', state: 'live' },
    });
  });

  test('each of 6 foreign texts is a fault with its code', () => {
    const codes = [
      'nonsense',
      '[1]',
      'null',
      '{"type":1}',
      '{"type":"state","state":"loud"}',
      '{"type":"clock"}',
    ].map((text) => {
      const parsed = parseRelayMessage(text);
      return parsed.kind === 'fault' ? parsed.code : parsed.kind;
    });
    expect(codes).toEqual([
      'not-json',
      'not-an-object',
      'not-an-object',
      'no-type',
      'bad-field',
      'bad-field',
    ]);
  });
});

describe('texts of a listener', () => {
  test('auth carries a token', () => {
    const message = { type: 'auth', token: 'abc' };
    expect(parseListenerMessage(JSON.stringify(message))).toEqual({ kind: 'message', message });
  });

  test('auth without a token is a fault that names the field', () => {
    expect(parseListenerMessage('{"type":"auth"}')).toEqual({
      kind: 'fault',
      code: 'bad-field',
      detail: '"token" is missing or of another kind',
    });
  });
});

test('10000 random texts and JSON values never throw, and Object.prototype stays as it was', () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const foreign = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('{"__proto__":{"type":"hello"}}', '{"type":"hello","__proto__":{"room":"x"}}'),
  );
  fc.assert(
    fc.property(foreign, (text) => {
      expect(['unknown', 'fault']).toContain(parseRelayMessage(text).kind);
      expect(['unknown', 'fault']).toContain(parseListenerMessage(text).kind);
    }),
    { numRuns: 10_000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
});

test('a player comes back by itself below 4400 and not from there on', () => {
  expect([1006, CloseCode.goingAway, CloseCode.tooSlow].map(isRetryable)).toEqual([true, true, true]);
  expect([CloseCode.badRequest, CloseCode.unauthorized, CloseCode.tooMany].map(isRetryable)).toEqual([
    false,
    false,
    false,
  ]);
});
