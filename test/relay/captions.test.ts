import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CaptionMessage, RelayMessage } from '../../wire/messages.ts';
import { until } from '../support/until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { HttpEar } from './fanout/http-stage.ts';
import { House, type Ear, type Mouth } from './house.ts';

let house: House;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  house = await House.open({ clock });
});
afterEach(() => house.close());

/** The captions among messages, as `id: text`, a final with `!`. */
function read(messages: readonly RelayMessage[]): string[] {
  return captionsOf(messages).map(({ id, text, final }) => `${id}: ${text}${final ? '!' : ''}`);
}

function captionsOf(messages: readonly RelayMessage[]): CaptionMessage[] {
  return messages.flatMap((message) => (message.type === 'caption' ? [message] : []));
}

function say(mouth: Mouth, id: string, text: string, final = false, more: object = {}): void {
  mouth.socket.send(JSON.stringify({ type: 'caption', id, text, final, ...more }));
}

/** A publisher of 1 s of sound, and who listens. */
async function live(room = 'allhands'): Promise<{ mouth: Mouth; ear: Ear; end: () => Promise<void> }> {
  const mouth = await house.publish(room);
  const ear = await house.listen(room);
  mouth.speak(1000);
  await until('10 chunks', () => ear.chunks.length === 10);
  clock.advance(200);
  const end = async (): Promise<void> => {
    mouth.socket.close();
    ear.socket.close();
    await Promise.all([mouth.end(), ear.end()]);
  };
  return { mouth, ear, end };
}

async function post(
  caption: unknown,
  { room = 'allhands', ticket = '' } = {},
): Promise<[status: number, code: unknown]> {
  const Authorization = `Bearer ${ticket || (await house.ticket(room, 'publish'))}`;
  const response = await fetch(`${house.url}/v1/rooms/${room}/captions`, {
    method: 'POST',
    headers: { Authorization },
    body: typeof caption === 'string' ? caption : JSON.stringify(caption),
  });
  const text = await response.text();
  return [response.status, text === '' ? undefined : Object(JSON.parse(text)).code];
}

const SAID = { type: 'caption', id: 'c1', text: 'Good morning.', final: true };

describe('captions of a publisher', () => {
  test('reach a listener in order, partials then the final, on the media clock of its epoch', async () => {
    const { mouth, ear, end } = await live();
    say(mouth, 'c1', 'Good');
    await until('a caption', () => read(ear.messages).length === 1);
    clock.advance(300);
    say(mouth, 'c1', 'Good morning', false, { startMs: 120, endMs: 700 });
    say(mouth, 'c1', 'Good morning.', true, { speaker: 'Martin', lang: 'en-GB', extra: 1 });
    await until('3 captions', () => read(ear.messages).length === 3);
    expect(read(ear.messages)).toEqual(['c1: Good', 'c1: Good morning', 'c1: Good morning.!']);
    const [first, second, final] = captionsOf(ear.messages);
    expect(first).toMatchObject({ epoch: ear.chunks[0]?.epoch, startMs: 0 });
    expect(second).toMatchObject({ startMs: 120, endMs: 700 });
    expect(final).toMatchObject({ speaker: 'Martin', lang: 'en-GB' });
    expect(Object.keys(final ?? {})).not.toContain('extra');
    expect(mouth.heard).toBe(0);
    await end();
  });

  test('100 partials within a second are 4 and the newest for a listener, on each of 3 transports', async () => {
    const { mouth, ear, end } = await live();
    const streamed = new HttpEar();
    const aborter = new AbortController();
    const { body } = await fetch(`${house.url}/v1/rooms/allhands/stream`, { signal: aborter.signal });
    const reading = body?.pipeTo(new WritableStream({ write: (bytes) => streamed.push(bytes) }));
    const polled = new HttpEar();
    const poll = async (): Promise<void> => {
      const answer = fetch(`${house.url}/v1/rooms/allhands/chunks?listener=me&wait=0&after=${polled.cursor}`);
      let response: Response | undefined;
      void answer.then((each) => (response = each));
      await until('the answer', () => {
        clock.advance(0);
        return response !== undefined;
      });
      polled.push(new Uint8Array((await response?.arrayBuffer()) ?? new ArrayBuffer(0)));
    };
    await poll();
    for (let n = 0; n < 100; n++) {
      say(mouth, 'c1', `${n}`);
      mouth.socket.ping();
      await new Promise((resolve) => mouth.socket.once('pong', resolve));
      clock.advance(10);
    }
    say(mouth, 'c1', 'Said.', true);
    await until('the final', () => read(ear.messages).includes('c1: Said.!'));
    const heard = ['c1: 0', 'c1: 24', 'c1: 49', 'c1: 74', 'c1: 99', 'c1: Said.!'];
    expect(read(ear.messages)).toEqual(heard);
    await until('the final', () => read(streamed.messages).length === heard.length);
    expect(read(streamed.messages)).toEqual(heard);
    await poll();
    expect(read(polled.messages)).toEqual(heard);
    aborter.abort();
    await reading?.catch(() => {});
    await end();
  });

  test('that say nothing in order do no harm: the sound goes on, with one line in the log and no word of theirs', async () => {
    const { mouth, ear, end } = await live();
    const before = house.log.complaints.length;
    say(mouth, '', 'a secret word');
    say(mouth, 'c1', 'x'.repeat(501), true);
    say(mouth, 'c2', 'a secret word', true, { lang: 'not a language' });
    say(mouth, 'c3', 'Heard.', true);
    mouth.speak(1000);
    await until(
      'the caption and the sound',
      () => read(ear.messages).length === 1 && ear.chunks.length === 20,
    );
    expect(house.log.complaints.slice(before)).toMatchObject([
      { event: 'caption.refused', room: 'allhands', code: 'bad-caption', detail: '"id" is empty' },
    ]);
    expect(JSON.stringify(house.log.lines)).not.toContain('secret word');
    await end();
  });

  test('are cleaned: no control characters, no changes of direction, no half of a pair, one line', async () => {
    const { mouth, ear, end } = await live();
    say(mouth, 'c1', ' \u0000one\r\ntwo\u202e \u2028three\ud800\u0085 \u{1f44b} ', true, {
      speaker: 'Ma\u0007rtin',
    });
    await until('a caption', () => read(ear.messages).length === 1);
    expect(captionsOf(ear.messages)).toMatchObject([{ text: 'one two three \u{1f44b}', speaker: 'Ma rtin' }]);
    await end();
  });

  test('who comes late is told the finals of the last 10 s', async () => {
    const { mouth, ear, end } = await live();
    say(mouth, 'c1', 'Good morning.', true);
    say(mouth, 'c2', 'Welco');
    await until('2 captions', () => read(ear.messages).length === 2);
    const late = await house.listen();
    await until('the last second', () => late.chunks.length > 0);
    expect(late.kinds.slice(0, 3)).toBe('ttb');
    expect(read(late.messages)).toEqual(['c1: Good morning.!']);
    clock.advance(11_000);
    const later = await house.listen();
    await until('hello', () => later.messages.length > 0);
    expect(read(later.messages)).toEqual([]);
    for (const each of [late, later]) {
      each.socket.close();
      await each.end();
    }
    await end();
  });
});

describe('POST /v1/rooms/{room}/captions', () => {
  test('says what a publisher may say on its socket: 204, and a listener reads it', async () => {
    const { ear, end } = await live();
    expect(await post(SAID)).toEqual([204, undefined]);
    await until('a caption', () => read(ear.messages).length === 1);
    expect(read(ear.messages)).toEqual(['c1: Good morning.!']);
    await end();
  });

  test('is 409 where nobody can be heard, 404 for no room, 401 without a ticket to publish', async () => {
    expect(await post(SAID, { room: 'side' })).toEqual([409, 'not-live']);
    expect(await post(SAID, { room: 'nowhere' })).toEqual([404, 'room-not-found']);
    expect(await post(SAID, { room: 'UP' })).toEqual([400, 'bad-room-id']);
    expect(await post(SAID, { ticket: await house.ticket('allhands') })).toEqual([401, 'ticket-refused']);
    expect(await post(SAID, { ticket: await house.ticket('side', 'publish') })).toEqual([
      401,
      'ticket-refused',
    ]);
  });

  test.each([
    ['no JSON', 'what?'],
    ['a list', '[]'],
    ['a key twice', '{"id":"a","id":"b","text":"x","final":true}'],
    ['__proto__', '{"__proto__":{"final":true},"id":"a","text":"x"}'],
    ['no text', { id: 'a', final: true }],
    ['a number for a text', { id: 'a', text: 5, final: true }],
    ['501 characters', { id: 'a', text: 'x'.repeat(501), final: true }],
    ['a name of 81 characters', { id: 'a', text: 'x', final: true, speaker: 'x'.repeat(81) }],
    ['a time before the first sound', { id: 'a', text: 'x', final: true, startMs: -1 }],
  ])('%s is 400', async (_, body) => {
    clock.advance(1000);
    expect(await post(body, { room: 'side' })).toEqual([400, 'bad-request']);
  });

  test('64 kB and a byte are 413, and of a stranger nothing is read: 401', async () => {
    clock.advance(1000);
    const body = 'x'.repeat(64 * 1024 + 1);
    expect(await post(body, { room: 'side' })).toEqual([413, 'too-large']);
    expect(await post(body, { room: 'side', ticket: 'a.b.c' })).toEqual([401, 'ticket-refused']);
  });

  test('takes 10 requests a second a room: the 11th is 429, and strangers do not use them up', async () => {
    for (let n = 0; n < 15; n++) await post(SAID, { ticket: 'a.b.c' });
    const { ear, end } = await live();
    const answers: number[] = [];
    for (let n = 0; n < 10; n++) answers.push((await post({ ...SAID, text: `${n}`, final: false }))[0]);
    expect(answers).toEqual(Array.from({ length: 10 }, () => 204));
    expect(await post(SAID)).toEqual([429, 'too-many-captions']);
    expect(await post(SAID, { room: 'side' })).toEqual([409, 'not-live']);
    clock.advance(1000);
    expect(await post(SAID)).toEqual([204, undefined]);
    await until('the final', () => captionsOf(ear.messages).some(({ final }) => final));
    expect(read(ear.messages)).toEqual(['c1: 0', 'c1: 9', 'c1: Good morning.!']);
    await end();
  });

  test('takes 10 finals a second of a socket too: of 15 the listener reads 10', async () => {
    const { mouth, ear, end } = await live();
    for (let n = 0; n < 15; n++) say(mouth, `f${n}`, 'Said.', true);
    await until('the refusal', () => house.log.of('caption.refused').length === 1);
    clock.advance(1000);
    say(mouth, 'last', 'Said.', true);
    await until('the last', () => read(ear.messages).includes('last: Said.!'));
    expect(read(ear.messages)).toHaveLength(11);
    expect(house.log.of('caption.refused')).toMatchObject([{ code: 'too-many' }]);
    await end();
  });
});

describe('how many listen', () => {
  test('is told a second later in a room that shows it, and never in one that does not', async () => {
    const [shown, hidden] = [await house.listen('allhands'), await house.listen('side')];
    const others = [await house.listen('allhands'), await house.listen('side')];
    clock.advance(1000);
    await until('the number', () => shown.messages.length === 3);
    expect(shown.messages).toMatchObject([
      { type: 'hello', listeners: 1 },
      { type: 'state', state: 'waiting' },
      { type: 'meta', listeners: 2 },
    ]);
    clock.advance(10_000);
    expect(hidden.messages.map(({ type }) => type)).not.toContain('meta');
    expect(JSON.stringify(hidden.messages)).not.toContain('listeners');
    for (const ear of [shown, hidden, ...others]) {
      ear.socket.close();
      await ear.end();
    }
  });
});
