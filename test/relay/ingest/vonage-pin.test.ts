import { describe, expect, test } from 'vitest';
import { CALLER, keyed, setDoor } from './door-stage.ts';

const WELCOME = { action: 'talk', text: 'Welcome to Board.' };
const IN = {
  kind: 'ncco',
  ncco: [WELCOME, { action: 'conversation', name: 'board-conf', startOnEnter: false }],
};
const IN_AS_HOST = {
  kind: 'ncco',
  ncco: [WELCOME, { action: 'conversation', name: 'board-conf', startOnEnter: true, endOnExit: true }],
};
const GOODBYE = { kind: 'ncco', ncco: [{ action: 'talk', text: 'You cannot be let in. Goodbye.' }] };
const asksAt = (attempt: number) => ({
  kind: 'ncco',
  ncco: [
    { action: 'talk' },
    { action: 'input', eventUrl: [`https://relay.example/vonage/pin/board/${attempt}`] },
  ],
});

describe('a talker keys in', () => {
  test('two wrong PINs and is asked at 2 and at 3; a third and hears goodbye', async () => {
    const { pin } = setDoor();
    expect(await pin(keyed('1111'), 'board/1')).toMatchObject(asksAt(2));
    expect(await pin(keyed('1111'), 'board/2')).toMatchObject(asksAt(3));
    expect(await pin(keyed('1111'), 'board/3')).toEqual(GOODBYE);
  });

  test('the PIN and waits for the host; the host’s, and it starts', async () => {
    const { pin } = setDoor();
    expect(await pin(keyed('2468'), 'board/3')).toEqual(IN);
    expect(await pin(keyed('13579'))).toEqual(IN_AS_HOST);
  });

  test.each(['{}', '{"dtmf":null}', '{"dtmf":{}}', '{"dtmf":{"digits":null,"timed_out":true}}'])(
    'nothing (%s), and is asked again',
    async (body) => {
      expect(await setDoor().pin(body)).toMatchObject(asksAt(2));
    },
  );

  test('something before a restart of the relay, and its answer comes from the relay after it', async () => {
    const body = keyed('1111');
    const { pin, sign } = setDoor();
    const authorization = sign(body);
    const before = await pin(body, 'board/2', authorization);
    expect(await setDoor().pin(body, 'board/2', authorization)).toEqual(before);
  });

  test('20 wrong PINs within a minute, in 7 calls: even the right one hears goodbye until the minute is over', async () => {
    const { clock, pin } = setDoor();
    for (let n = 0; n < 19; n++) await pin(keyed(`1${n}11`), `board/${(n % 3) + 1}`);
    expect(await pin(keyed('2468'))).toEqual(IN);
    expect(await pin(keyed('1111'), 'board/2')).toMatchObject(asksAt(3));
    expect(await pin(keyed('2468'))).toEqual(GOODBYE);
    expect(await pin(keyed('13579'))).toEqual(GOODBYE);
    expect(await pin(keyed('1111'))).toEqual(GOODBYE);
    expect(await pin(keyed('2468', `+${CALLER}`))).toEqual(GOODBYE);
    expect(await pin(keyed('2468', '4915100000000'))).toEqual(IN);
    clock.advance(60_000);
    expect(await pin(keyed('2468'))).toEqual(IN);
  });

  test('wrong PINs without showing a number: whoever does counts as one', async () => {
    const { pin } = setDoor();
    const hidden = ['anonymous', 'Restricted', '', '+', null, 'sip:x@y', '1'.repeat(21)];
    for (let n = 0; n < 20; n++) await pin(keyed('1111', hidden[n % hidden.length]));
    expect(await pin(keyed('2468', 'unknown'))).toEqual(GOODBYE);
    expect(await pin('{"dtmf":{"digits":"2468"}}')).toEqual(GOODBYE);
    expect(await pin(keyed('2468'))).toEqual(IN);
  });

  test('nothing 20 times, which is no guess', async () => {
    const { pin } = setDoor();
    for (let n = 0; n < 20; n++) await pin(keyed(''));
    expect(await pin(keyed('2468'))).toEqual(IN);
  });

  test('and neither digits nor numbers are logged', async () => {
    const { log, pin } = setDoor();
    for (const digits of ['1111', '2468', '13579', '']) await pin(keyed(digits));
    expect(log.lines.map(({ event, verdict }) => [event, verdict])).toEqual([
      ['talker.pin', 'wrong'],
      ['talker.pin', 'talker'],
      ['talker.pin', 'host'],
      ['talker.pin', 'nothing-keyed'],
    ]);
    expect(JSON.stringify(log.lines)).not.toMatch(/1111|2468|13579|49151/);
  });
});

describe('P23: what was keyed in, replayed,', () => {
  test('gets the same answer 30 times and counts as 1 failure of 20', async () => {
    const { pin, sign } = setDoor();
    const body = keyed('1111');
    const authorization = sign(body);
    for (let n = 0; n < 30; n++) {
      expect(await pin(body, 'board/2', authorization)).toMatchObject(asksAt(3));
    }
    expect(await pin(keyed('2468'))).toEqual(IN);
  });

  test('as another try or for another room is 401, with other digits too: no second try', async () => {
    const { pin, sign } = setDoor();
    const authorization = sign(keyed('1111'));
    await pin(keyed('1111'), 'board/1', authorization);
    for (const [digits, path] of [
      ['1111', 'board/2'],
      ['1111', 'allhands/1'],
      ['2468', 'board/1'],
    ] as const) {
      expect(await pin(keyed(digits), path, authorization)).toMatchObject({ problem: { status: 401 } });
    }
  });
});

test.each([
  ['board/0', 404, 'not-found'],
  ['board/4', 404, 'not-found'],
  ['board/01', 404, 'not-found'],
  ['board/', 404, 'not-found'],
  ['nosuch/1', 404, 'room-not-found'],
  ['__proto__/1', 400, 'bad-room-id'],
  ['..%2fboard/1', 400, 'bad-room-id'],
  ['Board/1', 400, 'bad-room-id'],
])('digits brought to %s are %i %s, but only to who signs', async (path, status, code) => {
  const { pin } = setDoor();
  expect(await pin(keyed('2468'), path)).toMatchObject({ problem: { status, code } });
  expect(await pin(keyed('2468'), path, 'Bearer x')).toMatchObject({ problem: { status: 401 } });
});

test.each(['not json', '7', '{"dtmf":"2468"}', '{"dtmf":{"digits":2468}}', '{"from":7}'])(
  'digits in a body such as %s, though signed, are a bad request',
  async (body) => {
    expect(await setDoor().pin(body)).toMatchObject({ problem: { status: 400, code: 'bad-request' } });
  },
);
