import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { Ear } from '../relay/house.ts';
import { signed, type Forgery } from '../relay/ingest/signed.ts';
import { until } from '../support/until.ts';

type Forged = Omit<Forgery, 'iat' | 'body'> & { ageSec?: number };

let demo: Demo;
let ear: Ear;
/** The leg that is heard. */
let uuid: string;

beforeAll(async () => {
  demo = await startDemo({ port: 0, relay: { 'log-level': 'silent' } });
  ear = new Ear(`${demo.url.replace('http', 'ws')}/v1/rooms/allhands/listen`, ['conf.v1'], {});
  ({ uuid } = await demo.simulator.waitForLeg('answered'));
  await until('the room is live', () => ear.states.at(-1) === 'live');
});
afterAll(async () => {
  ear?.socket.close();
  await demo?.close();
});

function sign(body: string, { ageSec = 0, claims, ...forged }: Forged = {}): string {
  const { apiKey, applicationId, signatureSecret } = demo.account;
  return signed({
    iat: Math.floor(Date.now() / 1000) - ageSec,
    body,
    claims: { api_key: apiKey, application_id: applicationId, ...claims },
    secret: signatureSecret,
    ...forged,
  });
}

async function post(body: string, authorization: string | undefined = sign(body)): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
  return (await fetch(`${demo.url}/vonage/event`, { method: 'POST', body, headers })).status;
}

async function get(fields: Record<string, string>, signedFields = fields): Promise<number> {
  const headers = { authorization: sign(JSON.stringify(signedFields)) };
  const query = String(new URLSearchParams(fields));
  return (await fetch(`${demo.url}/vonage/event?${query}`, { headers })).status;
}

/** The room goes on as it was: the same leg, the next three chunks, no other state. */
async function expectNoEffect(): Promise<void> {
  const heard = ear.chunks.length;
  await until('three more chunks', () => ear.chunks.length >= heard + 3);
  expect([ear.states.at(-1), ear.closed, demo.simulator.legs().length]).toEqual(['live', undefined, 1]);
}

describe('P23: "completed" for the leg of a live room', () => {
  test.each<[string, Forged]>([
    ['with a bad signature', { secret: 'guessed' }],
    ['with alg none', { header: { alg: 'none' } }],
    ['with alg RS256, the secret as its key', { header: { alg: 'RS256' } }],
    ['with alg HS512', { header: { alg: 'HS512' }, hash: 'sha512' }],
    ['signed 310 s ago', { ageSec: 310 }],
    ['signed 70 s from now', { ageSec: -70 }],
    ['of another api_key', { claims: { api_key: 'other' } }],
    ['of another application_id', { claims: { application_id: 'other' } }],
    ['of another iss', { claims: { iss: 'Nexmo' } }],
  ])('%s is 401', async (_, forged) => {
    const body = JSON.stringify({ status: 'completed', uuid });
    expect(await post(body, sign(body, forged))).toBe(401);
  });

  test('altered after signing is 401, as a body and as a query', async () => {
    const honest = JSON.stringify({ status: 'answered', uuid });
    expect(await post(JSON.stringify({ status: 'completed', uuid }), sign(honest))).toBe(401);
    expect(await get({ status: 'completed', uuid }, { status: 'answered', uuid })).toBe(401);
    expect(await get({ uuid, status: 'completed' }, { status: 'completed', uuid })).toBe(401);
  });

  test('not signed is 503', async () => {
    expect(await post(JSON.stringify({ status: 'completed', uuid }), '')).toBe(503);
  });

  test('and none of these has an effect: 0 calls, 0 changes of state, no listener lost', expectNoEffect);
});

test('P23: a call nobody knows, and what comes late, twice or out of order, is 204 and has no effect', async () => {
  const strangers = ['completed', 'disconnected', 'failed'].map((status) => ({ status, uuid: 'nobody-s' }));
  const late = ['answered', 'ringing', 'started', 'answered'].map((status) => ({ status, uuid }));
  for (const event of [...strangers, ...late]) {
    const body = JSON.stringify(event);
    const authorization = sign(body);
    expect([await post(body, authorization), await post(body, authorization)]).toEqual([204, 204]);
    expect(await get(event)).toBe(204);
  }
  await expectNoEffect();
});

test('P23: a call that is over stays over, though all its webhooks come again, backwards, replayed and signed anew', async () => {
  const webhooks = () => demo.simulator.webhooks().filter((webhook) => webhook.uuid === uuid);
  demo.simulator.endConversation('allhands');
  await until('the room has ended', () => ear.states.at(-1) === 'ended');
  await until('the platform said so', () => webhooks().at(-1)?.status === 'completed');
  const told = ear.messages.length;
  const backwards = webhooks().toReversed();
  expect(backwards.length).toBeGreaterThanOrEqual(4);
  for (const { body, token } of backwards) {
    expect([await post(body, `Bearer ${token}`), await post(body)]).toEqual([204, 204]);
  }
  expect(ear.messages.slice(told)).toEqual([]);
  expect(demo.simulator.legs().length).toBe(1);
});
