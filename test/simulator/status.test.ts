import { afterEach, expect, test } from 'vitest';
import type { FailureStatus } from '../../demo/simulator/fault.ts';
import { until } from '../support/until.ts';
import { setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

/** Waits for the last webhook and gives the statuses in order of arrival. */
async function statusesUntil(current: Stage, last: string): Promise<unknown[]> {
  await until(`${last} arrived`, () => current.relay.statuses().includes(last));
  return current.relay.statuses();
}

test('a hang-up raises 4 statuses and no disconnected', async () => {
  stage = await setStage();
  const uuid = await stage.dial({ headers: { room: 'allhands' } });
  await stage.simulator.waitForLeg('answered');
  await stage.vonage.voice.hangupCall(uuid);
  expect(await statusesUntil(stage, 'completed')).toEqual(['started', 'ringing', 'answered', 'completed']);
  const { hooks } = stage.relay;
  expect(hooks.map((hook) => hook.fields['type']).filter(Boolean)).toEqual(['transfer']);
  const completed = hooks.at(-1)?.fields;
  expect(completed).toMatchObject({
    uuid,
    direction: 'outbound',
    headers: { room: 'allhands' },
    duration: '0',
  });
  expect(Date.parse(String(completed?.['end_time']))).toBeGreaterThan(Date.parse('2020-01-01'));
});

test('a relay that closes the socket gets disconnected without a direction, then completed', async () => {
  stage = await setStage();
  await stage.dial();
  await stage.simulator.waitForLeg('answered');
  stage.relay.legs[0]?.socket.close(1000);
  const statuses = await statusesUntil(stage, 'completed');
  expect(statuses).toEqual(['started', 'ringing', 'answered', 'disconnected', 'completed']);
  const disconnected = stage.relay.hooks.find((hook) => hook.fields['status'] === 'disconnected');
  expect(disconnected?.fields).not.toHaveProperty('direction');
});

test('an NCCO in the reply to disconnected runs before completed', async () => {
  stage = await setStage({ talkMsPerCharacter: 0 });
  stage.relay.reply = ({ fields }) =>
    fields['status'] === 'disconnected' ? { body: [{ action: 'talk', text: 'Lost you' }] } : {};
  const talks: string[] = [];
  stage.simulator.onEvent((event) => event.kind === 'talk' && talks.push(event.text));
  await stage.dial();
  await stage.simulator.waitForLeg('answered');
  stage.relay.legs[0]?.socket.terminate();
  expect((await statusesUntil(stage, 'completed')).slice(-2)).toEqual(['disconnected', 'completed']);
  expect(talks).toEqual(['Lost you']);
});

test('an upgrade answered with 401 fails the leg with cannot_route and the status in the record', async () => {
  stage = await setStage();
  stage.relay.upgradeStatus = 401;
  const uuid = await stage.dial();
  expect(await statusesUntil(stage, 'completed')).toEqual(['started', 'ringing', 'failed', 'completed']);
  expect(stage.relay.hooks[2]?.fields).toMatchObject({ status: 'failed', detail: 'cannot_route' });
  expect(stage.simulator.legs()[0]).toMatchObject({
    refusedStatus: 401,
    openedAtMs: undefined,
    status: 'failed',
  });
  expect(await stage.vonage.voice.getCall(uuid)).toMatchObject({ status: 'failed' });
});

test('a port where nobody listens, and a host that is not this machine, fail the leg', async () => {
  stage = await setStage();
  for (const uri of ['ws://127.0.0.1:1/leg', 'wss://relay.example/leg']) {
    await stage.dial({ uri });
    await stage.simulator.waitForLeg((leg) => leg.uri === uri && leg.status === 'failed');
  }
  expect(stage.relay.legs).toHaveLength(0);
});

test.each<[FailureStatus, string[]]>([
  ['failed', ['failed', 'completed']],
  ['unanswered', ['unanswered', 'completed']],
  ['timeout', ['timeout', 'completed']],
  ['busy', ['busy', 'completed']],
  ['cancelled', ['cancelled', 'completed']],
  ['rejected', ['rejected']],
])('the outcome %s raises started, ringing, %j and dials nothing', async (status, rest) => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'outcome', status, detail: 'restricted' });
  await stage.dial();
  await statusesUntil(stage, rest.at(-1) ?? '');
  // What comes too much would come at once.
  await stage.dial();
  await until('the next call was answered', () => stage?.relay.statuses().includes('answered') === true);
  const [first] = stage.simulator.legs();
  const own = stage.relay.hooks.filter((hook) => hook.fields['uuid'] === first?.uuid);
  expect(own.map((hook) => hook.fields['status'])).toEqual(['started', 'ringing', ...rest]);
  expect(own[2]?.fields['detail']).toBe('restricted');
  expect(stage.relay.legs).toHaveLength(1);
});

test('a leg that rings 500 ms is answered after 500 ms, and a hang-up before that cancels it', async () => {
  stage = await setStage({ answerDelayMs: 500 });
  const uuid = await stage.dial();
  await stage.vonage.voice.hangupCall(uuid);
  expect(await statusesUntil(stage, 'completed')).toEqual(['started', 'ringing', 'cancelled', 'completed']);
  await stage.dial();
  const leg = await stage.simulator.waitForLeg('answered');
  expect((leg.openedAtMs ?? 0) - leg.createdAtMs).toBeGreaterThanOrEqual(499);
  expect(stage.relay.legs).toHaveLength(1);
});

test('a length_timer of 1 s ends the leg as a hang-up does: 1000 and completed', async () => {
  stage = await setStage();
  await stage.dial({ lengthTimer: 1 });
  const leg = await stage.simulator.waitForLeg('completed');
  await until('the socket closed', () => stage?.relay.legs[0]?.closeCode !== undefined);
  expect(stage.relay.legs[0]?.closeCode).toBe(1000);
  expect(leg.statusHistory.map((entry) => entry.status)).toEqual([
    'started',
    'ringing',
    'answered',
    'completed',
  ]);
  expect(leg.hangUps).toBe(0);
});

test('endConversation closes its leg with 1000 and completed, and leaves the other conversation alone', async () => {
  stage = await setStage();
  await stage.dial();
  await stage.dial({ conversation: 'other' });
  await stage.simulator.waitForLeg((leg) => leg.conversation === 'other' && leg.sent > 0);
  stage.simulator.endConversation('allhands');
  await until('the first socket closed', () => stage?.relay.legs[0]?.closeCode !== undefined);
  expect(stage.relay.legs.map((leg) => leg.closeCode)).toEqual([1000, undefined]);
  const [first, second] = stage.simulator.legs();
  expect(first?.statusHistory.at(-1)?.status).toBe('completed');
  expect(first?.statusHistory.some((entry) => entry.status === 'disconnected')).toBe(false);
  expect(second?.status).toBe('answered');
});

test('an unknown NCCO action is an error event, then completed', async () => {
  stage = await setStage();
  await stage.dial({ ncco: [{ action: 'dance' }] });
  await statusesUntil(stage, 'completed');
  const reasons = stage.relay.hooks.map((hook) => hook.fields['reason']).filter(Boolean);
  expect(reasons).toEqual(['Syntax error in NCCO. Invalid value type or action.']);
});
