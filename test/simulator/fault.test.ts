import { afterEach, expect, test } from 'vitest';
import { marker, markerOf } from '../../demo/simulator/audio-source.ts';
import type { SimulatorEvent } from '../../demo/simulator/simulator-event.ts';
import { until } from '../support/until.ts';
import { setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import type { StubLeg } from '../support/stub-relay.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

/** Dials one leg that plays markers, and gives it once it has `frames` frames. */
async function open(current: Stage, frames = 1): Promise<StubLeg> {
  current.simulator.play('allhands', marker());
  await current.dial();
  await until('the leg opened', () => current.relay.legs.length > 0);
  const leg = current.relay.legs[0] ?? expect.fail();
  await until(`${frames} frames came`, () => leg.frames.length >= frames);
  return leg;
}

function markersOf(leg: StubLeg): number[] {
  return leg.frames.map((frame) => {
    const four = Int16Array.from([0, 2, 4, 6], (at) => (frame.length > at ? frame.readInt16LE(at) : -1));
    return markerOf(four) ?? -1;
  });
}

test('drop ends the socket with 1006, raises disconnected and completed, and nothing redials', async () => {
  stage = await setStage();
  const leg = await open(stage);
  stage.simulator.inject({ kind: 'drop' });
  await until('the relay saw it', () => leg.closeCode !== undefined);
  expect(leg.closeCode).toBe(1006);
  await until('completed came', () => stage?.relay.statuses().includes('completed') === true);
  expect(stage.relay.statuses().slice(-2)).toEqual(['disconnected', 'completed']);
  expect(stage.relay.legs).toHaveLength(1);
});

test('drop with a close code at media time 300 ms closes with that code after frame 14', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'drop', closeCode: 1011, atMediaMs: 300 });
  const leg = await open(stage);
  await until('the relay saw it', () => leg.closeCode !== undefined);
  expect(leg.closeCode).toBe(1011);
  expect(leg.frames).toHaveLength(15);
});

test('stall of 300 ms then burst: a silence of 300 ms, then every frame in order', async () => {
  stage = await setStage();
  const leg = await open(stage, 5);
  stage.simulator.inject({ kind: 'stall', forMs: 300, backlog: 'burst' });
  await until('frames are back', () => leg.frames.length >= 40);
  const gapsMs = leg.arrivedMs.slice(1).map((atMs, n) => atMs - (leg.arrivedMs[n] ?? 0));
  expect(Math.max(...gapsMs)).toBeGreaterThan(250);
  expect(gapsMs.filter((ms) => ms < 5).length).toBeGreaterThanOrEqual(12);
  const markers = markersOf(leg);
  expect(markers).toEqual(markers.map((_, n) => (markers[0] ?? 0) + n));
});

test('stall of 300 ms then loss: 14 to 17 markers are missing and no burst comes', async () => {
  stage = await setStage();
  const leg = await open(stage, 5);
  stage.simulator.inject({ kind: 'stall', forMs: 300, backlog: 'loss' });
  await until('frames are back', () => leg.frames.length >= 20);
  const markers = markersOf(leg);
  const jumps = markers.slice(1).map((marked, n) => marked - (markers[n] ?? 0) - 1);
  const lost = jumps.reduce((sum, missing) => sum + missing, 0);
  expect(jumps.filter((missing) => missing > 0)).toHaveLength(1);
  expect(lost).toBeGreaterThanOrEqual(14);
  expect(lost).toBeLessThanOrEqual(17);
});

test('wrongFrame makes exactly 2 messages 641 bytes long', async () => {
  stage = await setStage();
  const leg = await open(stage, 2);
  stage.simulator.inject({ kind: 'wrongFrame', bytes: 641, frames: 2 });
  await until('10 frames came', () => leg.frames.length >= 10);
  expect(leg.frames.filter((frame) => frame.length === 641)).toHaveLength(2);
  expect(leg.frames.filter((frame) => frame.length === 640).length).toBe(leg.frames.length - 2);
});

test('firstTextLate: the text comes 200 ms after the opening, the audio after it', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'firstTextLate', byMs: 200 });
  const leg = await open(stage, 3);
  const [record] = stage.simulator.legs();
  expect(leg.order.slice(0, 3)).toEqual(['text', 'binary', 'binary']);
  expect((record?.mediaStartMs ?? 0) - (record?.openedAtMs ?? 0)).toBeGreaterThanOrEqual(199);
});

test('noFirstText: while another leg gets 10 frames, this one gets nothing at all', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'noFirstText', conversation: 'mute' });
  await stage.dial({ conversation: 'mute' });
  await stage.simulator.waitForLeg('answered');
  await stage.dial();
  await until('the other leg plays', () => (stage?.relay.legs[1]?.frames.length ?? 0) >= 10);
  expect(stage.relay.legs[0]?.order).toEqual([]);
  expect(stage.relay.legs[0]?.closeCode).toBeUndefined();
});

test('firstTextNotJson: a text that JSON.parse refuses, then audio', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'firstTextNotJson' });
  const leg = await open(stage, 2);
  expect(leg.order.slice(0, 2)).toEqual(['text', 'binary']);
  expect(() => JSON.parse(leg.texts[0] ?? '')).toThrow();
});

test('binaryBeforeText: 2 to 4 frames, then the text', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'binaryBeforeText' });
  const leg = await open(stage, 8);
  const first = leg.order.indexOf('text');
  expect(first).toBeGreaterThanOrEqual(2);
  expect(first).toBeLessThanOrEqual(4);
  expect(JSON.parse(leg.texts[0] ?? '')).toMatchObject({ event: 'websocket:connected' });
});

test('rateMismatch: asked for 16 kHz, the leg announces and plays 8 kHz', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'rateMismatch', sampleRate: 8000 });
  const leg = await open(stage, 2);
  expect(leg.texts[0]).toContain('rate=8000');
  expect(leg.frames[0]).toHaveLength(320);
  expect(stage.simulator.legs()[0]?.sampleRate).toBe(8000);
});

test.each<['legacy' | '2026', boolean[]]>([
  ['legacy', [false, true]],
  ['2026', []],
])('inactive for 200 ms: no frames, and profile %s announces %j', async (profile, announced) => {
  stage = await setStage({ profile });
  const leg = await open(stage, 5);
  stage.simulator.inject({ kind: 'inactive', forMs: 200 });
  await until('frames are back', () => leg.frames.length >= 15);
  const gapsMs = leg.arrivedMs.slice(1).map((atMs, n) => atMs - (leg.arrivedMs[n] ?? 0));
  expect(Math.max(...gapsMs)).toBeGreaterThan(150);
  const updates = leg.texts.slice(1).map((text): unknown => JSON.parse(text));
  expect(updates).toEqual(
    announced.map((active) => expect.objectContaining({ event: 'websocket:media:update', active })),
  );
});

test('secondSocket: the same URI is dialled again and plays the same frames; its end is not the leg’s', async () => {
  stage = await setStage();
  const leg = await open(stage, 2);
  stage.simulator.inject({ kind: 'secondSocket' });
  await until('it plays', () => (stage?.relay.legs[1]?.frames.length ?? 0) >= 3);
  const second = stage.relay.legs[1] ?? expect.fail();
  expect(second.url).toBe(leg.url);
  expect(second.order[0]).toBe('text');
  expect(markersOf(leg)).toEqual(expect.arrayContaining(markersOf(second).slice(0, 3)));
  second.socket.close(4409);
  const [record] = stage.simulator.legs();
  await until('its end is known', () => record?.secondSocket?.closeCode === 4409);
  expect(record?.status).toBe('answered');
});

test('a fault for one conversation leaves the leg of another alone', async () => {
  stage = await setStage();
  await open(stage);
  await stage.dial({ conversation: 'other' });
  await stage.simulator.waitForLeg((leg) => leg.conversation === 'other' && leg.sent > 0);
  stage.simulator.inject({ kind: 'drop', conversation: 'allhands' });
  await stage.simulator.waitForLeg('completed');
  expect(stage.relay.legs.map((leg) => leg.closeCode)).toEqual([1006, undefined]);
});

test('events tell a page of the call, its statuses, the frames of each second, webhooks, faults and the hang-up', async () => {
  const current = (stage = await setStage());
  const events: SimulatorEvent[] = [];
  const stop = current.simulator.onEvent((event) => events.push(event));
  const uuid = await current.dial();
  await until('a second has played', () => events.some((event) => event.kind === 'frames'));
  current.simulator.inject({ kind: 'http', status: 500 });
  await expect(current.vonage.voice.getCall(uuid)).rejects.toThrow('500');
  await current.vonage.voice.hangupCall(uuid);
  await until('completed was posted', () => {
    return events.some((event) => event.kind === 'webhook' && event.status === 'completed');
  });
  const kinds = new Set(events.map((event) => event.kind));
  expect(kinds).toEqual(
    new Set(['call', 'rest', 'status', 'joined', 'webhook', 'frames', 'fault', 'hang-up', 'left']),
  );
  const frames = events.find((event) => event.kind === 'frames');
  expect(frames).toMatchObject({ uuid, conversation: 'allhands', dropped: 0 });
  expect(frames?.sent).toBeGreaterThan(40);
  stop();
  const { length } = events;
  await current.dial();
  expect(events).toHaveLength(length);
});
