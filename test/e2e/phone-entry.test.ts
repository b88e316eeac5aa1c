import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import type { Phone } from '../../demo/simulator/phone.ts';
import { Ear } from '../relay/house.ts';
import { until } from '../support/until.ts';
import { KeptLog } from '../support/quiet-log.ts';

const BOARD = '442079460003';
const TOWN_HALL = '442079460004';
const CALLER = '4915112345678';
const ROOMS = [
  { id: 'board', title: 'Board', number: BOARD, pin: '2468' },
  { id: 'townhall', title: 'Town hall', number: TOWN_HALL, pin: '8642', hostPin: '13579' },
];

const ASK = 'Please key in the PIN, then press the hash key.';
const AGAIN = `That is not the PIN. ${ASK}`;
const GOODBYE = 'You cannot be let in. Goodbye.';

const log = new KeptLog();
let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { rooms: JSON.stringify(ROOMS), 'linger-ms': '500' },
    simulator: { talkMsPerCharacter: 0, alwaysStarted: false, settleMs: 0 },
    parts: { log },
  });
});
afterAll(() => demo?.close());

function dial(number: string, from = CALLER): Phone {
  return demo.simulator.phone({ number, from });
}

/** Waits to be asked for the nth time and keys this in. */
async function keyIn(phone: Phone, nth: number, digits: string): Promise<void> {
  await until(`question ${nth}`, () => phone.heard().length === nth && phone.phase === 'input');
  phone.digits(digits);
}

function listen(room: string): Ear {
  return new Ear(`${demo.url.replace('http', 'ws')}/v1/rooms/${room}/listen`, ['conf.v1'], {});
}

/** Paths that what was keyed in was brought to, by one call. */
function triesOf(phone: Phone): string[] {
  const told = demo.simulator
    .webhooks()
    .filter(({ uuid, body }) => uuid === phone.uuid && body.includes('dtmf'));
  return told.map(({ url }) => new URL(url).pathname);
}

describe('a room with a PIN', () => {
  test('lets a caller in who keys two wrong ones and then the right one', async () => {
    const phone = dial(BOARD);
    await keyIn(phone, 1, '1111#');
    await keyIn(phone, 2, '24680#');
    await keyIn(phone, 3, '2468#');
    await until('the caller is in', () => phone.conversation === 'board');
    expect(phone.heard()).toEqual([ASK, AGAIN, AGAIN, 'Welcome to Board.']);
    expect(triesOf(phone)).toEqual(['/vonage/pin/board/1', '/vonage/pin/board/2', '/vonage/pin/board/3']);
    phone.leave();
  });

  test('says goodbye to one who keys three wrong ones, and the call ends', async () => {
    const phone = dial(BOARD);
    await keyIn(phone, 1, '1111#');
    await keyIn(phone, 2, '111111111111');
    await keyIn(phone, 3, '#');
    await until('the call is over', () => phone.phase === 'over');
    expect(phone.heard()).toEqual([ASK, AGAIN, AGAIN, GOODBYE]);
  });

  test('answers a webhook that comes twice, or unsigned at first, as if it had come once', async () => {
    const phone = dial(BOARD);
    await until('question 1', () => phone.phase === 'input');
    demo.simulator.inject({ kind: 'webhookTwice' });
    await keyIn(phone, 1, '1111#');
    await until('question 2', () => phone.heard().length === 2 && phone.phase === 'input');
    demo.simulator.inject({ kind: 'webhookUnsigned' });
    await keyIn(phone, 2, '2468#');
    await until('the caller is in', () => phone.conversation === 'board');
    expect(triesOf(phone)).toEqual(['1', '1', '2', '2'].map((n) => `/vonage/pin/board/${n}`));
    phone.leave();
  });

  test('lets nobody in whose digits come with a bad signature, an old one, or were altered', async () => {
    for (const kind of ['webhookBadSecret', 'webhookStale', 'webhookTampered'] as const) {
      const phone = dial(BOARD);
      await until('question 1', () => phone.phase === 'input');
      demo.simulator.inject({ kind });
      phone.digits('2468#');
      await until('the call is over', () => phone.phase === 'over');
      expect(phone.heard()).toEqual([ASK]);
    }
  });

  test('lets nobody in from a number that has failed 20 times in a minute', async () => {
    const from = '4930999999';
    for (let failures = 0; failures < 20;) {
      const phone = dial(BOARD, from);
      for (let nth = 1; nth <= 3 && failures < 20; nth++, failures++) await keyIn(phone, nth, '1111#');
      if (failures === 20) phone.leave();
      else await until('the call is over', () => phone.phase === 'over');
    }
    await until(
      '20 failures',
      () => log.of('talker.pin').filter(({ verdict }) => verdict === 'wrong').length >= 20,
    );
    const phone = dial(BOARD, from);
    await keyIn(phone, 1, '2468#');
    await until('the call is over', () => phone.phase === 'over');
    expect(phone.heard()).toEqual([ASK, GOODBYE]);
    const other = dial(BOARD);
    await keyIn(other, 1, '2468#');
    await until('another caller is in', () => other.conversation === 'board');
    other.leave();
  });
});

test('a moderated room is silent until the host comes, and ends when the host hangs up', async () => {
  const ear = listen('townhall');
  const leg = await demo.simulator.waitForLeg(({ conversation }) => conversation === 'townhall');
  await until('the leg is up', () => ear.states.at(-1) === 'waiting');
  const guest = dial(TOWN_HALL);
  await keyIn(guest, 1, '8642#');
  await until('the guest is in', () => guest.conversation === 'townhall');
  const host = dial(TOWN_HALL, '4930111111');
  await until('the host is asked', () => host.phase === 'input');

  const member = dial(BOARD);
  await keyIn(member, 1, '2468#');
  const beside = listen('board');
  await until('the other room has been heard for 300 ms', () => beside.chunks.length >= 3);
  expect([leg.sent, ear.chunks.length, ear.states.at(-1)]).toEqual([0, 0, 'waiting']);
  member.leave();
  beside.socket.close();

  host.digits('13579#');
  await until('the listener hears it', () => ear.chunks.length > 0 && ear.states.at(-1) === 'live');
  expect(host.heard()).toEqual([ASK, 'Welcome to Town hall.']);
  host.leave();
  await until('the room has ended', () => ear.states.at(-1) === 'ended');
  await until('the guest is out', () => guest.phase === 'over');
  expect(ear.states.filter((state, n, all) => state !== all[n - 1])).toEqual([
    'idle',
    'connecting',
    'waiting',
    'live',
    'ended',
  ]);
  ear.socket.close();
  await ear.end();
});

test('no line of the log has a PIN, what was keyed in or a number in it', () => {
  const lines = JSON.stringify(log.lines);
  expect(log.of('talker.pin').length).toBeGreaterThan(20);
  expect(lines).not.toMatch(/2468|8642|13579|"1111|4915112345678|4930999999|442079460/);
});
