import { describe, expect, test } from 'vitest';
import { CALLER, keyed, setDoor, type DoorStage } from './door-stage.ts';
import { signed, type Forgery } from './signed.ts';

describe('a talker dials in', () => {
  test.each(['442079460001', '+442079460001'])('under %s and is taken into the conversation', async (to) => {
    const { answer } = setDoor();
    expect(await answer(JSON.stringify({ to, from: CALLER, uuid: 'u' }))).toEqual({
      kind: 'ncco',
      ncco: [
        { action: 'talk', text: 'Welcome to All hands.' },
        { action: 'conversation', name: 'allhands-conf', startOnEnter: true },
      ],
    });
  });

  test('under the number of a room with a PIN and is asked for it', async () => {
    expect(await setDoor().answer('{"to":"442079460002"}')).toMatchObject({
      ncco: [{ action: 'talk' }, { action: 'input', eventUrl: ['https://relay.example/vonage/pin/board/1'] }],
    });
  });

  test('under an unknown number and is told so', async () => {
    expect(await setDoor().answer('{"to":"1"}')).toEqual({
      kind: 'ncco',
      ncco: [{ action: 'talk', text: 'There is no conference under this number.' }],
    });
  });

  test('and the platform, asking a second time, gets the same answer', async () => {
    const { answer, sign } = setDoor();
    const body = '{"to":"442079460001"}';
    const authorization = sign(body);
    const first = await answer(body, authorization);
    expect(await answer(body, authorization)).toEqual(first);
  });
});

describe('news of a call', () => {
  test.each([
    ['completed', 'ended'],
    ['disconnected', 'lost'],
    ['failed', 'lost'],
    ['rejected', 'lost'],
    ['busy', 'lost'],
    ['cancelled', 'lost'],
    ['timeout', 'lost'],
    ['unanswered', 'lost'],
  ])('%s means %s', async (status, end) => {
    const { event, news } = setDoor();
    expect(await event(JSON.stringify({ status, uuid: 'u-1' }))).toEqual({ kind: 'done' });
    expect(news).toEqual([{ legId: 'u-1', end }]);
  });

  test.each([
    '{"status":"answered","uuid":"u-1"}',
    '{"status":"started","uuid":"u-1"}',
    '{"status":"completed"}',
    '{"conversation_uuid_from":"a","conversation_uuid_to":"b","uuid":"u","type":"transfer"}',
    '{"reason":"Syntax error in NCCO."}',
  ])('%s is none for the room', async (body) => {
    const { event, news } = setDoor();
    expect(await event(body)).toEqual({ kind: 'done' });
    expect(news).toEqual([]);
  });

  test('told twice with one signature counts once; with two, twice', async () => {
    const { event, iat, news } = setDoor();
    const body = '{"status":"completed","uuid":"u-1"}';
    const authorization = signed({ iat, body });
    expect(await event(body, authorization)).toEqual({ kind: 'done' });
    expect(await event(body, authorization)).toEqual({ kind: 'done' });
    expect(news).toHaveLength(1);
    await event(body);
    expect(news).toHaveLength(2);
  });

  test('signed over compact JSON is taken, though the bytes have spaces', async () => {
    const { door, iat, news } = setDoor();
    const body = '{ "status": "completed", "uuid": "u-1" }';
    await door.event(signed({ iat, body: JSON.stringify(JSON.parse(body)) }), Buffer.from(body));
    expect(news).toHaveLength(1);
  });

  test.each(['not json', '[]', '7', '{"uuid":5}'])('%s, though signed, is a bad request', async (body) => {
    const { event, news } = setDoor();
    const result = await event(body);
    expect(result).toMatchObject(
      body === '[]' ? { kind: 'done' } : { kind: 'refused', problem: { status: 400, code: 'bad-request' } },
    );
    expect(news).toEqual([]);
  });
});

/** A webhook of each kind that would have an effect if it were taken, and its body altered on the way. */
const WEBHOOKS = [
  ['event', '{"status":"completed","uuid":"u-1"}', '{"status":"failed","uuid":"u-1"}'],
  ['answer', '{"to":"442079460001"}', '{"to":"442079460002"}'],
  ['pin', keyed('1111'), keyed('2468')],
] as const;

const FORGERIES: [string, Omit<Forgery, 'iat'> & { ageSec?: number }, string][] = [
  ['a bad signature', { secret: 'guessed' }, 'not-a-token'],
  ['alg none', { header: { alg: 'none' } }, 'not-a-token'],
  ['alg RS256, the secret as its key', { header: { alg: 'RS256' } }, 'not-a-token'],
  ['alg HS512', { header: { alg: 'HS512' }, hash: 'sha512' }, 'not-a-token'],
  ['an iat of 301 s ago', { ageSec: 301 }, 'too-old'],
  ['an iat of 61 s from now', { ageSec: -61 }, 'too-old'],
  ['another api_key', { claims: { api_key: 'other' } }, 'wrong-claims'],
  ['another application_id', { claims: { application_id: 'other' } }, 'wrong-claims'],
  ['another iss', { claims: { iss: 'Nexmo' } }, 'not-a-token'],
];

describe.each(WEBHOOKS)('P23: a webhook (%s)', (kind, body, altered) => {
  const send = (at: DoorStage, authorization: string | undefined, sent: string | Buffer) => {
    if (kind === 'pin') return at.door.pin(authorization, sent, 'board', '1');
    return kind === 'answer' ? at.door.answer(authorization, sent) : at.door.event(authorization, sent);
  };
  const expectNothing = (at: DoorStage, whyNot: string) => {
    expect(at.news).toEqual([]);
    expect(at.log.lines).toEqual([
      {
        level: 'warn',
        event: 'vonage.webhook-refused',
        webhook: kind === 'pin' ? 'pin/board/1' : kind,
        why: `signature-${whyNot}`,
      },
    ]);
  };

  test.each(FORGERIES)('with %s is 401 and has no effect', async (_, { ageSec = 0, ...forgery }, whyNot) => {
    const at = setDoor();
    const authorization = signed({ iat: at.iat - ageSec, body, ...forgery });
    const refusal = { kind: 'refused', problem: { status: 401, code: 'ticket-refused' } };
    expect(await send(at, authorization, body)).toMatchObject(refusal);
    expectNothing(at, whyNot);
  });

  test.each([
    ['another value', altered],
    ['bytes that are no JSON', `${body}x`],
    ['bytes in place of the text', Buffer.from(altered)],
  ])('with %s than were signed is 401 and has no effect', async (_, sent) => {
    const at = setDoor();
    expect(await send(at, at.sign(body), sent)).toMatchObject({
      kind: 'refused',
      problem: { status: 401, code: 'ticket-refused' },
    });
    expectNothing(at, 'altered-body');
  });

  test('that is not signed is 503, that the platform may send it signed, and has no effect', async () => {
    const at = setDoor();
    expect(await send(at, undefined, body)).toMatchObject({
      kind: 'refused',
      problem: { status: 503, code: 'not-verified' },
    });
    expectNothing(at, 'missing');
  });
});
