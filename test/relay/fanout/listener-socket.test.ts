import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { House, SECRET, type Ear, type Mouth } from '../house.ts';

let house: House;
/** Sits in the side room all the time. */
let bystander: Ear;
beforeAll(async () => {
  house = await House.open();
  bystander = await house.listen('side');
  await until('hello and state', () => bystander.kinds === 'tt');
});
afterAll(() => house.close());

describe('a listener of a published room', () => {
  let mouth: Mouth;
  beforeEach(async () => (mouth = await house.publish()));
  afterEach(async () => {
    mouth.socket.close();
    await mouth.end();
    await until('the room is empty', () => house.relay.listeners() === 1);
  });

  test('gets hello first with every field, then chunks of 100 ms that decode, in order', async () => {
    const ear = await house.listen();
    await until('hello', () => ear.messages.length > 0);
    expect(ear.messages[0]).toEqual({
      type: 'hello',
      protocol: 1,
      room: 'allhands',
      title: 'All <hands>',
      state: 'waiting',
      epoch: expect.any(Number),
      sampleRate: 16_000,
      chunkMs: 100,
      mediaMs: null,
      retryWindowMs: 10_000,
      listeners: 1,
    });
    mouth.speak(1000);
    await until('10 chunks', () => ear.chunks.length === 10);
    expect(ear.kinds).toMatch(/^tt?b/);
    expect(ear.chunks.map(({ sequence, firstSample, pcm }) => [sequence, firstSample, pcm.length])).toEqual(
      Array.from({ length: 10 }, (_, n) => [n, 1600 * n, 3200]),
    );
    expect(ear.states).toEqual(['waiting', 'live']);
    ear.socket.close();
  });

  test('who comes late is given the last second at once: 10 chunks of 30', async () => {
    const first = await house.listen();
    mouth.speak(3000);
    await until('30 chunks', () => first.chunks.length === 30);
    const late = await house.listen();
    await until('10 chunks', () => late.chunks.length >= 10);
    expect(late.messages[0]).toMatchObject({ type: 'hello', state: 'live', listeners: 2 });
    expect(late.chunks.map(({ sequence }) => sequence)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    first.socket.close();
    late.socket.close();
  });

  test('is told "idle"-to-"waiting" when the publisher leaves and "live" when the next one speaks', async () => {
    const ear = await house.listen();
    mouth.speak(100);
    await until('live', () => ear.states.includes('live'));
    mouth.socket.close();
    await mouth.end();
    await until('waiting', () => ear.states.at(-1) === 'waiting');
    mouth = await house.publish();
    mouth.speak(100);
    await until('live again', () => ear.states.at(-1) === 'live');
    const epochs = [...new Set(ear.chunks.map(({ epoch }) => epoch))];
    expect(epochs).toHaveLength(2);
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? Infinity);
    ear.socket.close();
  });
});

test('the media clock is told every 2.4 s while a leg is up, sound or not', async () => {
  const clock = new FakeClock();
  const slow = await House.open({ clock });
  const mouth = await slow.publish();
  const ear = await slow.listen();
  mouth.speak(100);
  await until('live', () => ear.states.includes('live'));
  const clocks = () => ear.messages.flatMap((message) => (message.type === 'clock' ? [message.mediaMs] : []));
  for (const expected of [1, 2]) {
    clock.advance(2400);
    await until('a clock', () => clocks().length >= expected);
  }
  expect((clocks()[1] ?? 0) - (clocks()[0] ?? 0)).toBe(2400);
  const closed = slow.close();
  await until('listeners are gone', () => ear.closed !== undefined);
  mouth.socket.terminate();
  await closed;
});

describe('the handshake', () => {
  test('answers conf.v1 alone, never the ticket, and refuses permessage-deflate', async () => {
    const ticket = await house.ticket('board');
    const ear = await house.listen('board', [`bearer.${ticket}`, 'conf.v1'], { perMessageDeflate: true });
    expect([ear.socket.protocol, ear.socket.extensions]).toEqual(['conf.v1', '']);
    expect(JSON.stringify(house.log.lines)).not.toContain(ticket);
    ear.socket.close();
    await ear.end();
  });

  test('without a subprotocol is taken as well', async () => {
    const ear = await house.listen('side', []);
    await until('hello', () => ear.messages.length > 0);
    ear.socket.close();
    await ear.end();
  });
});

/** Does something of which the log has one line and the bystander nothing. */
async function witnessed(act: () => Promise<void>): Promise<void> {
  const before = house.log.complaints.length;
  await act();
  expect(house.log.complaints.slice(before)).toHaveLength(1);
  expect([bystander.kinds, bystander.closed]).toEqual(['tt', undefined]);
}

describe('P14: what a listener may not do closes it alone, with one line in the log', () => {
  const bad: [string, (ear: Ear) => void, number, string][] = [
    ['text that is no JSON', (ear) => ear.socket.send('hello?'), 4400, 'not-json'],
    ['JSON that is no object', (ear) => ear.socket.send('[1]'), 4400, 'not-an-object'],
    ['an object without type', (ear) => ear.socket.send('{}'), 4400, 'no-type'],
    ['an auth without token', (ear) => ear.socket.send('{"type":"auth"}'), 4400, 'bad-field'],
    ['a binary message', (ear) => ear.socket.send(new Uint8Array(10)), 4400, 'binary-from-listener'],
    ['1 MB of text', (ear) => ear.socket.send('x'.repeat(1024 * 1024)), 1009, ''],
    ['5121 bytes of text', (ear) => ear.socket.send(`"${'x'.repeat(5119)}"`), 1009, ''],
    ...(
      [
        ['11 texts', (ear) => ear.socket.send('{"type":"wave"}')],
        ['11 pings', (ear) => ear.socket.ping()],
        ['11 pongs that nobody asked for', (ear) => ear.socket.pong()],
      ] satisfies [string, (ear: Ear) => void][]
    ).map(([what, send]): [string, (ear: Ear) => void, number, string] => [
      `${what} within a second`,
      (ear) => {
        for (let n = 0; n < 11; n++) send(ear);
      },
      4429,
      'too-many-messages',
    ]),
    [
      '500 texts that are no JSON',
      (ear) => {
        for (let n = 0; n < 500; n++) ear.socket.send('no');
      },
      4400,
      'not-json',
    ],
  ];
  test.each(bad)('%s', async (_, act, code, reason) => {
    await witnessed(async () => {
      const ear = await house.listen('side');
      act(ear);
      expect(await ear.end()).toBe(code);
      expect(ear.closed?.reason).toBe(reason);
      expect(house.log.complaints.at(-1)).toMatchObject({ event: 'listener.fault', room: 'side' });
    });
  });

  test('a message of a type from the future is no fault', async () => {
    const ear = await house.listen('side');
    ear.socket.send('{"type":"wave","hand":"left"}');
    ear.socket.ping();
    let ponged = false;
    ear.socket.once('pong', () => (ponged = true));
    await until('a pong', () => ponged);
    expect(ear.closed).toBeUndefined();
    ear.socket.close();
    await ear.end();
  });
});

describe('who may not listen is told after the upgrade, with one line in the log a minute', () => {
  test.each([
    ['..%2f', 4400],
    ['%2e%2e%2f', 4400],
    ['__proto__', 4400],
    ['A', 4400],
    ['a'.repeat(65), 4400],
    ['%C3%A9', 4400],
    ['-a', 4400],
    ['', 4400],
  ])('room "%s" closes with %i', async (room, code) => {
    const ear = await house.listen(room);
    expect(await ear.end()).toBe(code);
    expect(ear.closed?.reason).toBe('bad-room-id');
    expect([ear.messages, bystander.kinds, bystander.closed]).toEqual([[], 'tt', undefined]);
    expect(house.log.of('listener.refused')).toMatchObject([{ code: 'bad-room-id', times: 1 }]);
  });

  test('a room that is not there closes with 4404 where no room wants tickets', async () => {
    const open = await House.open({ settings: { rooms: [{ id: 'a' }] } });
    const ear = await open.listen('nobody-knows-it');
    expect([await ear.end(), ear.closed?.reason]).toEqual([4404, 'room-not-found']);
    await open.close();
  });

  test('a room with tickets: without, wrong, of another room, to publish: 4401; right: hello', async () => {
    const offers = [
      [],
      ['bearer.garbage'],
      [`bearer.${await house.ticket('side')}`],
      [`bearer.${await house.ticket('board', 'publish')}`],
    ];
    for (const offer of offers) {
      const refused = await house.listen('board', ['conf.v1', ...offer]);
      expect([await refused.end(), refused.closed?.reason, refused.kinds]).toEqual([
        4401,
        'ticket-refused',
        '',
      ]);
    }
    expect(house.log.of('listener.refused')).toHaveLength(2);
    const ear = await house.listen('board', ['conf.v1', `bearer.${await house.ticket('board')}`]);
    await until('hello', () => ear.messages.length > 0);
    ear.socket.close();
    await ear.end();
  });

  test('the log holds no ticket and no secret', async () => {
    const ticket = await house.ticket('side');
    const ear = await house.listen('board', ['conf.v1', `bearer.${ticket}`]);
    await ear.end();
    const text = JSON.stringify(house.log.lines);
    for (const secret of [ticket, SECRET]) expect(text).not.toContain(secret);
  });
});

test('a listener that answers 20 pings and sends 10 messages a second beside is not closed', async () => {
  const clock = new FakeClock();
  const own = await House.open({ clock });
  const ear = await own.listen();
  let pings = 0;
  ear.socket.on('ping', () => pings++);
  for (let beat = 1; beat <= 20; beat++) {
    clock.advance(5000);
    await until('a ping', () => pings === beat);
    let ponged = false;
    for (let n = 0; n < 9; n++) ear.socket.send('{"type":"wave"}');
    ear.socket.ping();
    ear.socket.once('pong', () => (ponged = true));
    // What was sent before it has been counted by then, our answer to the relay's ping too.
    await until('the tenth is answered', () => ponged);
  }
  expect([ear.closed, own.log.complaints]).toEqual([undefined, []]);
  ear.socket.close();
  await ear.end();
  await own.close();
});

test('300 listeners who come, and vanish without a word, leave nobody behind', async () => {
  const ears = await Promise.all(Array.from({ length: 300 }, () => house.listen('side')));
  await until('all are in', () => house.relay.listeners() === 301);
  for (const ear of ears) ear.socket.terminate();
  await until('all are out', () => house.relay.listeners() === 1);
});
