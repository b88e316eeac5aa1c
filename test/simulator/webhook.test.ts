import { createHash } from 'node:crypto';
import { compactVerify, decodeJwt, jwtVerify } from 'jose';
import { afterEach, expect, test } from 'vitest';
import type { Fault } from '../../demo/simulator/fault.ts';
import { until } from '../support/until.ts';
import { account, setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import type { StubHook } from '../support/stub-relay.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

const secret = new TextEncoder().encode(account.signatureSecret);

function tokenOf(hook: StubHook | undefined): string {
  return hook?.authorization.replace('Bearer ', '') ?? '';
}

function sha256(payload: Buffer | string): string {
  return createHash('sha256').update(payload).digest('hex');
}

async function isSigned(hook: StubHook | undefined): Promise<boolean> {
  const verified = await compactVerify(tokenOf(hook), secret, { algorithms: ['HS256'] }).catch(
    () => undefined,
  );
  return verified !== undefined;
}

/** Dials with a fault waiting and gives the webhooks up to `count` of them. */
async function hooksWith(fault: Fault, count: number): Promise<StubHook[]> {
  const current = (stage = await setStage());
  current.simulator.inject(fault);
  await current.dial();
  await until(`${count} webhooks came`, () => current.relay.hooks.length >= count);
  return current.relay.hooks;
}

test('every webhook of a call verifies with jose and carries the SHA-256 of its exact bytes', async () => {
  stage = await setStage();
  const uuid = await stage.dial({ headers: { title: 'Grüße' } });
  await stage.simulator.waitForLeg('answered');
  await stage.vonage.voice.hangupCall(uuid);
  await until('completed came', () => stage?.relay.statuses().includes('completed') === true);
  const ids = new Set<unknown>();
  for (const hook of stage.relay.hooks) {
    const { payload } = await jwtVerify(tokenOf(hook), secret, { algorithms: ['HS256'], issuer: 'Vonage' });
    expect(payload['payload_hash']).toBe(sha256(hook.raw));
    expect(payload).toMatchObject({ api_key: account.apiKey, application_id: account.applicationId });
    expect(hook.fields['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    ids.add(payload.jti);
  }
  expect(ids.size).toBe(stage.relay.hooks.length);
});

test('a GET to an answer URL set later hashes its query as JSON in order', async () => {
  stage = await setStage({ answerUrl: undefined });
  stage.simulator.configure({ answerUrl: stage.relay.answerUrl });
  stage.simulator.phone({ number: '442079460001' });
  await until(
    'the answer URL was asked',
    () => stage?.relay.hooks.some((hook) => hook.method === 'GET') === true,
  );
  const hook = stage.relay.hooks.find((one) => one.method === 'GET');
  const query = Object.fromEntries(new URL(hook?.url ?? '', 'http://relay').searchParams);
  expect(Object.keys(query)).toEqual(['to', 'from', 'conversation_uuid', 'uuid']);
  const { payload } = await jwtVerify(tokenOf(hook), secret);
  expect(payload['payload_hash']).toBe(sha256(JSON.stringify(query)));
});

test.each([
  [503, 2],
  [429, 2],
  [500, 1],
  [404, 1],
])('a webhook answered with %i goes out %i times', async (status, times) => {
  stage = await setStage();
  stage.relay.reply = ({ fields }) => (fields['status'] === 'started' ? { status } : {});
  await stage.dial();
  await until('ringing came', () => stage?.relay.statuses().includes('ringing') === true);
  expect(stage.relay.statuses().filter((one) => one === 'started')).toHaveLength(times);
  const sent = stage.simulator.webhooks().filter((record) => record.status === 'started');
  expect(sent.map((record) => record.responseStatus)).toEqual(Array.from({ length: times }, () => status));
  expect(sent[0]?.latencyMs).toBeGreaterThan(0);
});

test('a webhook that nobody takes is tried twice and given up', async () => {
  stage = await setStage({ eventUrl: 'http://127.0.0.1:1/event' });
  await stage.dial();
  const records = () => stage?.simulator.webhooks().filter((record) => record.status === 'ringing') ?? [];
  await until('ringing was tried twice', () => records().length === 2);
  expect(records().map((record) => record.responseStatus)).toEqual([undefined, undefined]);
});

test('webhookTwice: 2 times the same bytes and jti', async () => {
  const [one, two] = await hooksWith({ kind: 'webhookTwice', status: 'started' }, 3);
  expect(two?.raw).toEqual(one?.raw);
  expect(decodeJwt(tokenOf(two)).jti).toBe(decodeJwt(tokenOf(one)).jti);
});

test('webhookLate: ringing arrives before started', async () => {
  const hooks = await hooksWith({ kind: 'webhookLate', status: 'started' }, 3);
  expect(hooks.map((hook) => hook.fields['status']).slice(0, 2)).toEqual(['ringing', 'started']);
});

test('webhookLate on disconnected: completed arrives first', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'webhookLate', status: 'disconnected' });
  await stage.dial();
  await stage.simulator.waitForLeg('answered');
  stage.simulator.inject({ kind: 'drop' });
  await until('disconnected came', () => stage?.relay.statuses().includes('disconnected') === true);
  expect(stage.relay.statuses().slice(-2)).toEqual(['completed', 'disconnected']);
});

test('webhookDelay: started arrives 150 ms late, after ringing', async () => {
  const beganMs = Date.now();
  const hooks = await hooksWith({ kind: 'webhookDelay', status: 'started', byMs: 150 }, 4);
  expect(hooks.at(-1)?.fields['status']).toBe('started');
  expect(Date.now() - beganMs).toBeGreaterThanOrEqual(149);
});

test('webhookUnsigned: no token, and a 500 brings the same event signed', async () => {
  const current = (stage = await setStage());
  current.relay.reply = ({ authorization }) => ({ status: authorization === '' ? 500 : 200 });
  current.simulator.inject({ kind: 'webhookUnsigned', status: 'started' });
  await current.dial();
  await until('2 came', () => current.relay.hooks.length >= 2);
  const [unsigned, signed] = current.relay.hooks;
  expect(unsigned?.authorization).toBe('');
  expect(signed?.fields['status']).toBe('started');
  expect(await isSigned(signed)).toBe(true);
});

test('webhookBadSecret: the signature fails, the next one holds', async () => {
  const [bad, good] = await hooksWith({ kind: 'webhookBadSecret' }, 2);
  expect(await isSigned(bad)).toBe(false);
  expect(await isSigned(good)).toBe(true);
});

test('webhookStale: signed rightly, an hour ago', async () => {
  const [stale] = await hooksWith({ kind: 'webhookStale' }, 1);
  expect(await isSigned(stale)).toBe(true);
  const ageSec = Date.now() / 1000 - (decodeJwt(tokenOf(stale)).iat ?? 0);
  expect(Math.abs(ageSec - 3600)).toBeLessThan(10);
});

test('webhookTampered: signed rightly, but the hash is not that of the bytes', async () => {
  const [tampered] = await hooksWith({ kind: 'webhookTampered', status: 'started' }, 1);
  expect(await isSigned(tampered)).toBe(true);
  expect(decodeJwt(tokenOf(tampered))['payload_hash']).not.toBe(sha256(tampered?.raw ?? ''));
});
