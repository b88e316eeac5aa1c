import { describe, expect, test } from 'vitest';
import { LegDoor } from '../../../relay/ingest/leg-door.ts';
import { VonageDoor } from '../../../relay/ingest/vonage-door.ts';
import { VonageSignature } from '../../../relay/ingest/vonage-signature.ts';
import type { CallNews } from '../../../relay/ingest/provider.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { ACCOUNT, signed } from './signed.ts';

function stage() {
  const clock = new FakeClock();
  const log = new KeptLog();
  const news: CallNews[] = [];
  const door = new VonageDoor({
    door: new LegDoor(clock, log),
    signature: new VonageSignature(ACCOUNT, clock),
    checkLegTicket: () => ({ kind: 'wrong' }),
    admit: () => ({ kind: 'refused', why: 'not-expected' }),
    roomOfNumber: (number) =>
      number === '442079460001' ? { title: 'All hands', conversation: 'allhands-conf' } : undefined,
    onNews: (each) => news.push(each),
    log,
  });
  const iat = clock.wallMs() / 1000;
  const event = (body: string, authorization = signed({ iat, body })) => door.event(authorization, body);
  const answer = (body: string, authorization = signed({ iat, body })) => door.answer(authorization, body);
  return { door, log, news, iat, event, answer };
}

describe('a talker dials in', () => {
  test.each(['442079460001', '+442079460001'])('under %s and is taken into the conversation', async (to) => {
    const { answer } = stage();
    expect(await answer(JSON.stringify({ to, from: '4915112345678', uuid: 'u' }))).toEqual({
      kind: 'ncco',
      ncco: [
        { action: 'talk', text: 'Welcome to All hands.' },
        { action: 'conversation', name: 'allhands-conf', startOnEnter: true },
      ],
    });
  });

  test('under an unknown number and is told so', async () => {
    expect(await stage().answer('{"to":"1"}')).toEqual({
      kind: 'ncco',
      ncco: [{ action: 'talk', text: 'There is no conference under this number.' }],
    });
  });

  test('and the platform, asking a second time, gets the same answer', async () => {
    const { answer, iat } = stage();
    const body = '{"to":"442079460001"}';
    const authorization = signed({ iat, body });
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
    const { event, news } = stage();
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
    const { event, news } = stage();
    expect(await event(body)).toEqual({ kind: 'done' });
    expect(news).toEqual([]);
  });

  test('told twice with one signature counts once; with two, twice', async () => {
    const { event, iat, news } = stage();
    const body = '{"status":"completed","uuid":"u-1"}';
    const authorization = signed({ iat, body });
    expect(await event(body, authorization)).toEqual({ kind: 'done' });
    expect(await event(body, authorization)).toEqual({ kind: 'done' });
    expect(news).toHaveLength(1);
    await event(body);
    expect(news).toHaveLength(2);
  });

  test('signed over compact JSON is taken, though the bytes have spaces', async () => {
    const { door, iat, news } = stage();
    const body = '{ "status": "completed", "uuid": "u-1" }';
    await door.event(signed({ iat, body: JSON.stringify(JSON.parse(body)) }), Buffer.from(body));
    expect(news).toHaveLength(1);
  });

  test.each(['not json', '[]', '7', '{"uuid":5}'])('%s, though signed, is a bad request', async (body) => {
    const { event, news } = stage();
    const result = await event(body);
    expect(result).toMatchObject(
      body === '[]' ? { kind: 'done' } : { kind: 'refused', problem: { status: 400, code: 'bad-request' } },
    );
    expect(news).toEqual([]);
  });

  test('not signed is answered with 503, that the platform may send it signed; badly signed with 401', async () => {
    const { door, log, iat, news } = stage();
    const body = '{"status":"completed","uuid":"u-1"}';
    expect(await door.event(undefined, body)).toMatchObject({
      problem: { status: 503, code: 'not-verified' },
    });
    const forged = signed({ iat, body, secret: 'guessed' });
    expect(await door.event(forged, body)).toMatchObject({
      problem: { status: 401, code: 'ticket-refused' },
    });
    expect(await door.answer(forged, body)).toMatchObject({ problem: { status: 401 } });
    expect(news).toEqual([]);
    expect(log.complaints.map(({ event, why }) => [event, why])).toEqual([
      ['vonage.webhook-refused', 'signature-missing'],
      ['vonage.webhook-refused', 'signature-not-a-token'],
      ['vonage.webhook-refused', 'signature-not-a-token'],
    ]);
  });
});
