import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  CAPTION_CHARS,
  NOTICE_CHARS,
  parseListenerMessage,
  parseRelayMessage,
  ROOM_STATES,
  type ListenerMessage,
  type MessageFault,
  type RelayMessage,
} from '../../wire/messages.ts';
import { anyJson, anyText, hunt, MOST_MS } from './campaign.ts';

const finite = fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => number + 0);
const orNull = <Value>(field: fc.Arbitrary<Value>) => fc.option(field, { nil: null });
const state = fc.constantFrom(...ROOM_STATES);
const anyTextUpTo = (chars: number) => anyText.map((text) => text.slice(0, chars));

const notice = anyTextUpTo(NOTICE_CHARS).map((text) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ''));
const relayMessage: fc.Arbitrary<RelayMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('hello' as const),
      protocol: fc.nat(),
      room: anyText,
      title: anyText,
      state,
      epoch: orNull(fc.maxSafeNat()),
      sampleRate: orNull(fc.nat()),
      chunkMs: finite,
      mediaMs: orNull(finite),
      retryWindowMs: fc.nat(),
      listeners: fc.nat(),
      opensAt: finite,
      notice,
    },
    {
      requiredKeys: [
        'type',
        'protocol',
        'room',
        'title',
        'state',
        'epoch',
        'sampleRate',
        'chunkMs',
        'mediaMs',
        'retryWindowMs',
      ],
    },
  ),
  fc.record(
    { type: fc.constant('state' as const), state, opensAt: finite },
    { requiredKeys: ['type', 'state'] },
  ),
  fc.record(
    { type: fc.constant('clock' as const), epoch: fc.maxSafeNat(), mediaMs: finite, quiet: fc.boolean() },
    { requiredKeys: ['type', 'epoch', 'mediaMs'] },
  ),
  fc.record(
    {
      type: fc.constant('caption' as const),
      id: anyTextUpTo(CAPTION_CHARS.id),
      epoch: fc.maxSafeNat(),
      startMs: finite,
      endMs: finite,
      text: anyTextUpTo(CAPTION_CHARS.text),
      final: fc.boolean(),
      speaker: anyTextUpTo(CAPTION_CHARS.speaker),
      lang: anyTextUpTo(CAPTION_CHARS.lang),
    },
    { requiredKeys: ['type', 'id', 'epoch', 'startMs', 'endMs', 'text', 'final'] },
  ),
  fc.record({ type: fc.constant('meta' as const), listeners: finite }),
  fc.record(
    { type: fc.constant('notice' as const), text: notice, until: finite },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record(
    { type: fc.constant('bye' as const), code: fc.nat(9999), reason: anyText, retryInMs: finite },
    { requiredKeys: ['type', 'code', 'reason'] },
  ),
);
const listenerMessage: fc.Arbitrary<ListenerMessage> = fc.record({
  type: fc.constant('auth' as const),
  token: anyText,
});
const message = fc.oneof({ weight: 4, arbitrary: relayMessage }, listenerMessage);
const typeName = fc.constantFrom(
  'hello',
  'state',
  'clock',
  'caption',
  'meta',
  'notice',
  'bye',
  'auth',
  '__proto__',
  'constructor',
  'applause',
);

/** A good message of which one field is something else, comes twice, or is not there. */
const oneFieldOff = fc.tuple(message, fc.nat(12), anyJson, fc.boolean()).map(([good, which, json, twice]) => {
  const fields = Object.entries(good).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const [name = '"type"'] = (fields[which % fields.length] ?? '').split(':');
  fields.splice(which % fields.length, twice ? 0 : 1, ...(json === '' ? [] : [`${name}:${json}`]));
  return `{${fields.join()}}`;
});
/** A good message with some of its text cut out and other text put in. */
const cutUp = fc
  .tuple(message, fc.nat(400), fc.nat(8), fc.oneof(anyText, anyJson))
  .map(([good, at, count, other]) => {
    const text = JSON.stringify(good);
    return text.slice(0, at % text.length) + other + text.slice((at % text.length) + count);
  });
const typed = fc
  .tuple(typeName, anyJson)
  .map(([type, json]) => `{"type":"${type}","state":${json},"token":${json}}`);
/** A caption of which one text is longer than it may be, or just as long. */
const longCaption = fc
  .tuple(fc.constantFrom('id', 'text', 'speaker', 'lang'), fc.nat(600))
  .map(([field, chars]) => {
    const right = { type: 'caption', id: '1', epoch: 1, startMs: 0, endMs: 1, text: '', final: true };
    return JSON.stringify({ ...right, [field]: 'x'.repeat(chars) });
  });
const nested = fc.nat(20_000).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`);

/** `from`: who may have said it, where it is a right message; else it is anything. */
const Case = v.strictObject({ text: v.string(), from: v.picklist(['relay', 'listener', 'anybody']) });

const madeUp: fc.Arbitrary<v.InferOutput<typeof Case>> = fc.oneof(
  fc.record({
    text: fc.oneof(
      anyText,
      anyJson,
      typed,
      longCaption,
      { weight: 3, arbitrary: oneFieldOff },
      { weight: 3, arbitrary: cutUp },
    ),
    from: fc.constant('anybody'),
  }),
  { weight: 1, arbitrary: fc.record({ text: nested, from: fc.constant('anybody') }) },
  fc.record({ text: relayMessage.map((good) => JSON.stringify(good)), from: fc.constant('relay') }),
  fc.record({ text: listenerMessage.map((good) => JSON.stringify(good)), from: fc.constant('listener') }),
);

type Kind = 'text' | 'number' | 'state' | 'flag' | 'text64' | 'text200' | 'text500' | 'text80' | 'text35';

/** What the fields of a message are (PROTOCOL.md, "Messages"): `?` may be absent, `!` may be null. */
const FIELDS: ReadonlyMap<string, Readonly<Record<string, `${Kind}${'' | '?' | '!'}`>>> = new Map([
  [
    'hello',
    {
      protocol: 'number',
      room: 'text',
      title: 'text',
      state: 'state',
      epoch: 'number!',
      sampleRate: 'number!',
      chunkMs: 'number',
      mediaMs: 'number!',
      retryWindowMs: 'number',
      listeners: 'number?',
      opensAt: 'number?',
      notice: 'text200?',
    },
  ],
  ['state', { state: 'state', opensAt: 'number?' }],
  ['clock', { epoch: 'number', mediaMs: 'number', quiet: 'flag?' }],
  [
    'caption',
    {
      id: 'text64',
      epoch: 'number',
      startMs: 'number',
      endMs: 'number',
      text: 'text500',
      final: 'flag',
      speaker: 'text80?',
      lang: 'text35?',
    },
  ],
  ['meta', { listeners: 'number' }],
  ['notice', { text: 'text200', until: 'number?' }],
  ['bye', { code: 'number', reason: 'text', retryInMs: 'number?' }],
  ['auth', { token: 'text' }],
]);
const TYPES = { relay: ['hello', 'state', 'clock', 'caption', 'meta', 'notice', 'bye'], listener: ['auth'] };

function isOf(kind: string, field: unknown): boolean {
  if (field === undefined) return kind.endsWith('?');
  if (field === null) return kind.endsWith('!');
  const [, name, most] = /^([a-z]+)(\d*)/.exec(kind) ?? [];
  switch (name) {
    case 'text':
      return typeof field === 'string' && field.length <= Number(most || Infinity);
    case 'number':
      return typeof field === 'number' && Math.abs(field) < Infinity;
    case 'flag':
      return field === true || field === false;
    default:
      return typeof field === 'string' && /^(idle|connecting|waiting|live|ended|unavailable)$/.test(field);
  }
}

/** What keeps a text from being an object with a type. */
function faultOf(text: string): MessageFault | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (Object.prototype.toString.call(value) !== '[object Object]') return 'not-an-object';
    return typeof new Map<string, unknown>(Object.entries(Object(value))).get('type') === 'string'
      ? undefined
      : 'no-type';
  } catch {
    return 'not-json';
  }
}

function checkReading(
  text: string,
  types: readonly string[],
  parsed: ReturnType<typeof parseRelayMessage | typeof parseListenerMessage>,
) {
  switch (parsed.kind) {
    case 'message': {
      const fields = new Map<string, unknown>(Object.entries(parsed.message));
      const { type } = parsed.message;
      expect(types).toContain(type);
      for (const [name, kind] of Object.entries(FIELDS.get(type) ?? {}))
        expect([name, isOf(kind, fields.get(name))]).toEqual([name, true]);
      return;
    }
    case 'unknown':
      expect(types).not.toContain(parsed.type);
      expect(text).toContain('type');
      return;
    case 'fault':
      expect(parsed.code).toBe(faultOf(text) ?? 'bad-field');
      // What was sent is not sent on.
      expect(parsed.detail).toMatch(/^("[a-zA-Z]+" is missing or of another kind)?$/);
      return;
    default:
      parsed satisfies never;
  }
}

test(
  '10,000 texts are each a message with its fields, of an unknown type, or a fault; what a side may say it can say',
  async () => {
    await hunt({ name: 'messages', written: Case, madeUp }, ({ text, from }) => {
      const heard = { relay: parseRelayMessage(text), listener: parseListenerMessage(text) };
      checkReading(text, TYPES.relay, heard.relay);
      checkReading(text, TYPES.listener, heard.listener);
      if (from === 'anybody') return;
      const reading = heard[from];
      expect(reading.kind).toBe('message');
      if (reading.kind === 'message') expect(JSON.stringify(reading.message)).toBe(text);
    });
  },
  MOST_MS,
);
