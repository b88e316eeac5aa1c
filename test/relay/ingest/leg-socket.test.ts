import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { House, type Mouth } from '../house.ts';

let house: House;
beforeAll(async () => (house = await House.open()));
afterAll(() => house.close());

const TEXT = '{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}';

describe('a leg', () => {
  test.each([8000, 16_000, 24_000] as const)('of %i Hz is heard at that rate', async (sampleRate) => {
    const mouth = await house.publish('allhands', { introduced: false });
    const ear = await house.listen();
    mouth.introduce(sampleRate);
    mouth.speak(200, sampleRate);
    await until('2 chunks', () => ear.chunks.length >= 2);
    expect(ear.chunks[0]).toMatchObject({ sampleRate, pcm: { length: sampleRate / 5 } });
    mouth.socket.close();
    await mouth.end();
    ear.socket.close();
    await ear.end();
  });

  test('is never sent a message, and (P2) a short last frame is padded', async () => {
    const mouth = await house.publish();
    const ear = await house.listen();
    mouth.speak(80);
    mouth.socket.send(new Uint8Array(100));
    await until('a chunk', () => ear.chunks.length === 1);
    expect(ear.chunks[0]).toMatchObject({ padded: true, pcm: { length: 3200 } });
    mouth.socket.close();
    await mouth.end();
    expect(mouth.heard).toBe(0);
    ear.socket.close();
    await ear.end();
  });

  test('that stops on purpose makes the room wait, and go on when it resumes', async () => {
    const mouth = await house.publish();
    const ear = await house.listen();
    mouth.speak(100);
    await until('live', () => ear.states.at(-1) === 'live');
    mouth.socket.send('{"event":"websocket:media:update","method":"update","active":false}');
    await until('waiting', () => ear.states.at(-1) === 'waiting');
    mouth.socket.send('{"event":"websocket:media:update","active":true}');
    mouth.socket.send('{"event":"websocket:dtmf","digit":"5","duration":260}');
    mouth.speak(100);
    await until('live', () => ear.states.at(-1) === 'live');
    mouth.socket.close();
    await mouth.end();
    ear.socket.close();
    await ear.end();
  });
});

const BAD: [string, (mouth: Mouth) => void, number, string][] = [
  ['a first text that is no JSON', (m) => m.socket.send('RTP?'), 4400, 'not-json'],
  ['a first text that is a number', (m) => m.socket.send('5'), 4400, 'not-json'],
  ['a first text without format', (m) => m.socket.send('{}'), 4400, 'bad-content-type'],
  ['44.1 kHz', (m) => m.socket.send(TEXT.replace('16000', '44100')), 4400, 'bad-content-type'],
  ['16000.5 Hz', (m) => m.socket.send(TEXT.replace('16000', '16000.5')), 4400, 'bad-content-type'],
  ['opus', (m) => m.socket.send(TEXT.replace('l16', 'opus')), 4400, 'bad-content-type'],
  ['a frame before the text', (m) => m.socket.send(new Uint8Array(640)), 4400, 'frame-before-text'],
  ['a frame of 642 bytes', (m) => say(m, new Uint8Array(642)), 4400, 'wrong-frame-size'],
  ['a frame of 639 bytes', (m) => say(m, new Uint8Array(639)), 4400, 'wrong-frame-size'],
  ['a frame of 4096 bytes', (m) => say(m, new Uint8Array(4096)), 4400, 'wrong-frame-size'],
  ['a frame of 4097 bytes', (m) => say(m, new Uint8Array(4097)), 1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
  ['an empty frame', (m) => say(m, new Uint8Array(0)), 4400, 'wrong-frame-size'],
  ['a later text that is no JSON', (m) => say(m, 'what?'), 4400, 'not-json'],
  ['1 MB of text', (m) => m.socket.send('x'.repeat(1024 * 1024)), 1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
  ['a frame of 1 MB', (m) => say(m, new Uint8Array(1024 * 1024)), 1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
];

function say(mouth: Mouth, message: string | Uint8Array): void {
  mouth.socket.send(TEXT);
  mouth.socket.send(message);
}

describe('P1, P2: what a leg may not do closes it, with one line in the log, and another room hears nothing of it', () => {
  test.each(BAD)('%s', async (_, act, closeCode, code) => {
    const speaker = await house.publish('side');
    const bystander = await house.listen('side');
    const before = house.log.complaints.length;
    const mouth = await house.publish('allhands', { introduced: false });
    act(mouth);
    expect(await mouth.end()).toBe(closeCode);
    expect(house.log.complaints.slice(before)).toMatchObject([
      { level: 'warn', event: 'leg.fault', room: 'allhands', code },
    ]);
    speaker.speak(200);
    await until('2 chunks', () => bystander.chunks.length === 2);
    speaker.socket.close();
    await speaker.end();
    bystander.socket.close();
    await bystander.end();
  });

  test('after any of them the room takes the next publisher', async () => {
    const mouth = await house.publish('allhands', { introduced: false });
    mouth.socket.send('RTP?');
    await mouth.end();
    await until('it is gone', () => house.log.lines.at(-1)?.event !== 'leg.fault');
    const next = await house.publish();
    const ear = await house.listen();
    next.speak(100);
    await until('a chunk', () => ear.chunks.length === 1);
    next.socket.close();
    await next.end();
    ear.socket.close();
    await ear.end();
  });
});

describe('P5: who may publish', () => {
  test('a second publisher is closed with 4409, the first talks on', async () => {
    const first = await house.publish();
    const ear = await house.listen();
    const before = house.log.complaints.length;
    const second = await house.publish();
    expect(await second.end()).toBe(4409);
    expect(house.log.complaints.slice(before)).toMatchObject([{ event: 'leg.refused', why: 'superseded' }]);
    first.speak(100);
    await until('a chunk', () => ear.chunks.length === 1);
    expect(first.closed).toBeUndefined();
    first.socket.close();
    await first.end();
    ear.socket.close();
    await ear.end();
  });

  test.each([
    ['no ticket', 'allhands', ' ', 401],
    ['garbage', 'allhands', 'garbage', 401],
    ['a ticket to listen', 'allhands', 'listen', 401],
    ['a ticket of another room', 'allhands', 'side', 401],
    ['a right ticket of an unknown room', 'unknown', 'unknown', 404],
    ['a bad room id', 'A', 'garbage', 400],
  ])('%s is refused before the upgrade, with one line', async (_, room, kind, status) => {
    const before = house.log.complaints.length;
    let ticket = kind;
    if (kind === 'listen') ticket = await house.ticket('allhands', 'listen');
    if (kind === 'side' || kind === 'unknown') ticket = await house.ticket(kind, 'publish');
    const mouth = await house.publish(room, { ticket, introduced: false });
    expect([mouth.refusedWith, house.log.complaints.slice(before).length]).toEqual([status, 1]);
  });
});

describe('a leg that does not live', () => {
  test('says nothing for 10 s and is closed with 4400', async () => {
    const clock = new FakeClock();
    const slow = await House.open({ clock });
    const mouth = await slow.publish('allhands', { introduced: false });
    await until('it is in', () => slow.log.of('leg.opened').length === 1);
    // Two beats of 5 s: the pong to the first must have come before the second.
    clock.advance(5000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock.advance(5000);
    expect(await mouth.end()).toBe(4400);
    expect(slow.log.complaints).toMatchObject([{ event: 'leg.fault', code: 'no-first-text' }]);
    await slow.close();
  });

  test('that answers no ping is cut after 10 s, but not while it sends frames', async () => {
    const clock = new FakeClock();
    const slow = await House.open({ clock });
    const ticket = await slow.ticket('allhands', 'publish');
    const deaf = new WebSocket(`${slow.url.replace('http', 'ws')}/ingest/allhands`, {
      headers: { Authorization: `Bearer ${ticket}` },
      autoPong: false,
    });
    let closed = 0;
    deaf.on('close', (code) => (closed = code));
    await until('it is in', () => slow.log.of('leg.opened').length === 1);
    deaf.send(TEXT);
    const ear = await slow.listen();
    for (let beat = 1; beat <= 3; beat++) {
      clock.advance(5000);
      for (let n = 0; n < 5; n++) deaf.send(new Uint8Array(640));
      await until('it is heard', () => ear.states.filter((state) => state === 'live').length === beat);
      // None of them is under way any more when time jumps: it would count as a sign of life.
      deaf.ping();
      await once(deaf, 'pong');
    }
    expect(closed).toBe(0);
    clock.advance(5000);
    clock.advance(5000);
    await until('it is cut', () => closed !== 0);
    expect(slow.log.of('leg.fault')).toMatchObject([{ code: 'no-sign-of-life' }]);
    const done = slow.close();
    await ear.end();
    await done;
  });
});
