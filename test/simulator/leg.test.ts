import { jwtVerify } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { marker, markerOf } from '../../demo/simulator/audio-source.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { until } from '../support/until.ts';
import { account, setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import type { StubLeg } from '../support/stub-relay.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

function samplesOf(frame: Buffer | undefined): Int16Array {
  const bytes = frame ?? Buffer.alloc(0);
  return Int16Array.from({ length: bytes.length / 2 }, (_, n) => bytes.readInt16LE(2 * n));
}

async function legWith(current: Stage, frames: number, index = 0): Promise<StubLeg> {
  await until(`leg ${index} has ${frames} frames`, () => {
    return (current.relay.legs[index]?.frames.length ?? 0) >= frames;
  });
  const leg = current.relay.legs[index];
  if (!leg) throw new Error('the leg is gone');
  return leg;
}

test('the real SDK dials, gets, lists, earmuffs, transfers and hangs up a leg', async () => {
  stage = await setStage();
  const { simulator, relay, vonage } = stage;
  const uuid = await stage.dial({ headers: { room: 'allhands' } });
  const leg = await simulator.waitForLeg('answered');
  await legWith(stage, 5);
  await stage.dial({ conversation: 'metronome' });

  expect(await vonage.voice.getCall(uuid)).toMatchObject({ uuid, status: 'answered', direction: 'outbound' });
  const page = await vonage.voice.getCallsPage({ pageSize: 5, conversationUuid: leg.conversationUuid });
  expect(page).toMatchObject({ count: 1, _embedded: { calls: [{ uuid, to: { uri: relay.legUri } }] } });

  await vonage.voice.earmuffCall(uuid);
  const { sent } = leg;
  await legWith(stage, (relay.legs[1]?.frames.length ?? 0) + 5, 1);
  expect(leg.sent).toBe(sent);
  await vonage.voice.unearmuffCall(uuid);
  await until('frames flow again', () => leg.sent > sent + 3);

  await vonage.voice.transferCallWithNCCO(uuid, [{ action: 'conversation', name: 'other' }]);
  expect(leg.conversation).toBe('other');
  await vonage.voice.hangupCall(uuid);
  await until('the socket closed', () => relay.legs[0]?.closeCode !== undefined);
  expect(relay.legs[0]?.closeCode).toBe(1000);
  expect(leg).toMatchObject({
    hangUps: 1,
    status: 'completed',
    closeCode: 1000,
    receivedMessages: 0,
    receivedBytes: 0,
  });
  expect(simulator.requests().map(({ method, status }) => `${method} ${status}`)).toEqual([
    'POST 201',
    'POST 201',
    'GET 200',
    'GET 200',
    'PUT 204',
    'PUT 204',
    'PUT 204',
    'PUT 204',
  ]);
});

test.each([
  [8000, 320],
  [16_000, 640],
  [24_000, 960],
])('a leg of %i Hz gets binary messages of %i bytes', async (sampleRate, bytes) => {
  stage = await setStage();
  await stage.dial({ contentType: `audio/l16;rate=${sampleRate}` });
  const { frames, texts } = await legWith(stage, 5);
  expect(new Set(frames.map((frame) => frame.length))).toEqual(new Set([bytes]));
  expect(texts[0]).toContain(`"content-type":"audio/l16;rate=${sampleRate}"`);
});

test('the first message is a text with a leading space, and headers cannot override its 2 own fields', async () => {
  stage = await setStage();
  await stage.dial({ headers: { room: 'allhands', event: 'mine', 'content-type': 'mine', n: 5 } });
  const { order, texts } = await legWith(stage, 3);
  expect(order.slice(0, 3)).toEqual(['text', 'binary', 'binary']);
  expect(texts[0]?.startsWith(' {')).toBe(true);
  expect(JSON.parse(texts[0] ?? '')).toEqual({
    event: 'websocket:connected',
    'content-type': 'audio/l16;rate=16000',
    room: 'allhands',
    n: 5,
  });
});

test('profile legacy offers WSBRIDGE and has no event in its first text', async () => {
  stage = await setStage({ profile: 'legacy' });
  await stage.dial();
  const { texts, headers } = await legWith(stage, 1);
  expect(headers['sec-websocket-protocol']).toBe('WSBRIDGE');
  expect(JSON.parse(texts[0] ?? '')).toEqual({ 'content-type': 'audio/l16;rate=16000' });
});

test('the upgrade JWT verifies with jose, names the account and has no payload_hash; Origin is the host', async () => {
  stage = await setStage();
  await stage.dial({ authorization: { type: 'vonage' } });
  const { headers } = await legWith(stage, 1);
  const token = headers.authorization?.replace('Bearer ', '') ?? '';
  const secret = new TextEncoder().encode(account.signatureSecret);
  const { payload, protectedHeader } = await jwtVerify(token, secret, {
    algorithms: ['HS256'],
    issuer: 'Vonage',
  });
  expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(payload).toMatchObject({ api_key: account.apiKey, application_id: account.applicationId });
  expect(Math.abs((payload.iat ?? 0) - Date.now() / 1000)).toBeLessThan(5);
  expect(payload).not.toHaveProperty('payload_hash');
  expect(headers.origin).toBe(headers.host);
  expect(headers['sec-websocket-extensions']).toBeUndefined();
});

test('a custom authorization goes out verbatim, and none sends no header', async () => {
  stage = await setStage();
  await stage.dial({ authorization: { type: 'custom', value: 'Basic abc==' } });
  await stage.dial();
  await legWith(stage, 1, 1);
  expect(stage.relay.legs.map((leg) => leg.headers.authorization)).toEqual(['Basic abc==', undefined]);
});

test('1 s of marker frames comes 50 a second, in order, without a gap', async () => {
  stage = await setStage({ recordSendTimes: true });
  stage.simulator.play('allhands', marker());
  await stage.dial();
  const { frames, arrivedMs } = await legWith(stage, 50);
  const [leg] = stage.simulator.legs();
  const markers = frames.slice(0, 50).map((frame) => markerOf(samplesOf(frame)));
  const first = leg?.firstSourceFrame ?? Number.NaN;
  expect(markers).toEqual(Array.from({ length: 50 }, (_, n) => first + n));
  const lengthMs = (arrivedMs[49] ?? 0) - (arrivedMs[0] ?? 0);
  expect(lengthMs).toBeGreaterThan(880);
  expect(lengthMs).toBeLessThan(1480);
  const dueMs = (leg?.mediaStartMs ?? 0) + 40 * 20;
  const lateMs = (leg?.sentAtMs(40) ?? 0) - dueMs;
  expect(lateMs).toBeGreaterThan(-20);
  expect(lateMs).toBeLessThan(500);
  expect(leg?.sentAtMs(29_999)).toBeUndefined();
});

test('frame k of a leg is source frame firstSourceFrame + k, to the sample', async () => {
  stage = await setStage();
  const source = noise(11);
  stage.simulator.play('allhands', source);
  await stage.dial();
  const { frames } = await legWith(stage, 20);
  const first = stage.simulator.legs()[0]?.firstSourceFrame ?? Number.NaN;
  for (const [k, frame] of frames.slice(0, 20).entries()) {
    expect(samplesOf(frame)).toEqual(source.frameAt(first + k, 16_000));
  }
});

test('2 legs of one conversation hear the same moment within 40 ms, though the second joins 200 ms later', async () => {
  stage = await setStage();
  stage.simulator.play('allhands', marker());
  await stage.dial();
  await legWith(stage, 10);
  await stage.dial();
  await legWith(stage, 10, 1);
  const [one, two] = stage.relay.legs;
  expect(markerOf(samplesOf(two?.frames[0]))).toBeGreaterThanOrEqual(9);
  const newest = [one, two].map((leg) => markerOf(samplesOf(leg?.frames.at(-1))) ?? Number.NaN);
  expect(Math.abs((newest[0] ?? 0) - (newest[1] ?? 0))).toBeLessThanOrEqual(2);
});

test('a binary message of 320 bytes on a 16 kHz leg kills it: 1006, disconnected, completed', async () => {
  stage = await setStage();
  await stage.dial();
  const stubLeg = await legWith(stage, 1);
  stubLeg.socket.send(Buffer.alloc(320));
  await until('the relay saw the end', () => stubLeg.closeCode !== undefined);
  expect(stubLeg.closeCode).toBe(1006);
  const leg = await stage.simulator.waitForLeg('completed');
  expect(leg.statusHistory.map((entry) => entry.status).slice(-2)).toEqual(['disconnected', 'completed']);
  expect(leg).toMatchObject({ receivedMessages: 1, receivedBytes: 320 });
});

test('a binary message of 640 bytes is counted and taken; clear and notify are answered, other texts are not', async () => {
  stage = await setStage();
  await stage.dial();
  const stubLeg = await legWith(stage, 1);
  stubLeg.socket.send(Buffer.alloc(640));
  for (const text of [
    'ok',
    '{"action":"dance"}',
    '{"action":"clear"}',
    '{"action":"notify","payload":{"a":1}}',
  ]) {
    stubLeg.socket.send(text);
  }
  await until('2 answers came', () => stubLeg.texts.length === 3);
  expect(stubLeg.texts.slice(1).map((text): unknown => JSON.parse(text))).toEqual([
    { event: 'websocket:cleared' },
    { event: 'websocket:notify', payload: { a: 1 } },
  ]);
  expect(stage.simulator.legs()[0]).toMatchObject({ status: 'answered', receivedMessages: 5 });
});

test('a relay that stops reading loses frames once 1 s of sound waits, and the leg stays up', async () => {
  stage = await setStage();
  await stage.dial({ contentType: 'audio/l16;rate=24000' });
  const stubLeg = await legWith(stage, 1);
  const [leg] = stage.simulator.legs();
  stubLeg.socket.pause();
  // The kernel takes megabytes before a socket is full: frames of 400 kB get there at once.
  stage.simulator.inject({ kind: 'wrongFrame', bytes: 400_000, frames: 60 });
  await until('frames are dropped', () => (leg?.dropped ?? 0) > 0);
  expect(leg?.status).toBe('answered');
  stubLeg.socket.resume();
});
