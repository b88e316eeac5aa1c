import { afterEach, expect, test } from 'vitest';
import { sine } from '../../demo/simulator/audio-source.ts';
import { until } from '../support/until.ts';
import { setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import type { StubHook, StubReply } from '../support/stub-relay.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

const NUMBER = '442079460001';
const join = { action: 'conversation', name: 'allhands' };

/** The largest sample of a 16 kHz frame. */
function loudest(frame: Buffer | undefined): number {
  return Math.max(...Array.from({ length: 320 }, (_, n) => Math.abs(frame?.readInt16LE(2 * n) ?? 0)));
}

/** Answers like a relay whose room has the PIN 2468. */
function askForPin({ url, fields }: StubHook): StubReply {
  const dtmf = Object.fromEntries(Object.entries(fields['dtmf'] ?? {}));
  const input = { action: 'input', type: ['dtmf'], dtmf: { maxDigits: 6, timeOut: 1, submitOnHash: true } };
  const ask = (text: string) => ({ body: [{ action: 'talk', text, bargeIn: true }, input] });
  if (url.startsWith('/answer')) return ask('Your PIN, please.');
  if (fields['dtmf'] === undefined) return {};
  return dtmf['digits'] === '2468' ? { body: [join] } : ask('That is not it.');
}

test('a caller with PIN 2468# is let in after one wrong try, and dtmf reaches the event URL both times', async () => {
  stage = await setStage({ talkMsPerCharacter: 0 });
  stage.relay.reply = askForPin;
  const phone = stage.simulator.phone({ number: NUMBER, from: '4915112345678' });
  await until('the PIN is asked for', () => phone.phase === 'input');
  phone.digits('1111#');
  await until('it is asked for again', () => phone.heard().length === 2 && phone.phase === 'input');
  phone.digits('2468#');
  await until('the caller is in', () => phone.conversation === 'allhands');
  expect(phone.heard()).toEqual(['Your PIN, please.', 'That is not it.']);
  const dtmf = stage.relay.hooks.map((hook) => hook.fields['dtmf']).filter(Boolean);
  expect(dtmf).toEqual([
    { digits: '1111', timed_out: false },
    { digits: '2468', timed_out: false },
  ]);
  phone.leave();
  await until('completed came', () => stage?.relay.statuses().includes('completed') === true);
  expect(phone.phase).toBe('over');
  expect(stage.relay.statuses()).toEqual(['started', 'ringing', 'answered', 'completed']);
  expect(stage.relay.hooks.at(-1)?.fields).toMatchObject({
    direction: 'inbound',
    to: NUMBER,
    from: '4915112345678',
  });
});

test('digits cut a talk with bargeIn short and count, and are lost on one without', async () => {
  stage = await setStage({ talkMsPerCharacter: 1000 });
  stage.relay.reply = askForPin;
  const bold = stage.simulator.phone({ number: NUMBER });
  await until('the text is spoken', () => bold.phase === 'talk');
  bold.digits('2468#');
  await until('the caller is in', () => bold.conversation === 'allhands');

  stage.relay.reply = ({ url }) =>
    url.startsWith('/answer') ? { body: [{ action: 'talk', text: 'Hello' }] } : {};
  const polite = stage.simulator.phone({ number: NUMBER });
  await until('the text is spoken', () => polite.phase === 'talk');
  polite.digits('1');
  expect(polite.phase).toBe('talk');
});

test('an input of 4 digits ends with the fourth; one that nobody fills times out after 1 s', async () => {
  stage = await setStage({ talkMsPerCharacter: 0 });
  const input = { action: 'input', type: ['dtmf'], dtmf: { timeOut: 1 } };
  stage.relay.reply = ({ url }) => (url.startsWith('/answer') ? { body: [input, input] } : {});
  const phone = stage.simulator.phone({ number: NUMBER });
  await until('digits are wanted', () => phone.phase === 'input');
  const beganMs = Date.now();
  phone.digits('98765');
  await until('the call is over', () => phone.phase === 'over');
  const dtmf = stage.relay.hooks.map((hook) => hook.fields['dtmf']).filter(Boolean);
  expect(dtmf).toEqual([
    { digits: '9876', timed_out: false },
    { digits: '', timed_out: true },
  ]);
  expect(Date.now() - beganMs).toBeGreaterThanOrEqual(999);
});

test.each(['GET', 'POST'])(
  'an input with eventUrl and eventMethod %s is told there, and nowhere else',
  async (eventMethod) => {
    stage = await setStage();
    const eventUrl = [stage.relay.eventUrl.replace('/event', '/pin/1')];
    const input = { action: 'input', type: ['dtmf'], dtmf: { maxDigits: 2 }, eventUrl, eventMethod };
    stage.relay.reply = ({ url }) => {
      if (url.startsWith('/answer')) return { body: [input] };
      return url.startsWith('/pin/1') ? { body: [join] } : {};
    };
    const phone = stage.simulator.phone({ number: NUMBER });
    await until('digits are wanted', () => phone.phase === 'input');
    phone.digits('42');
    await until('the caller is in', () => phone.conversation === 'allhands');
    const told = stage.relay.hooks.filter(({ url, raw }) => `${url}${raw.toString()}`.includes('dtmf'));
    expect(told.map(({ method, url }) => [method, url.split('?')[0]])).toEqual([[eventMethod, '/pin/1']]);
  },
);

test.each<[string, StubReply, string]>([
  ['text/html', { contentType: 'text/html', body: [join] }, 'No NCCO: content type text/html'],
  ['status 500', { status: 500 }, 'No NCCO: 500'],
  ['an object', { body: join }, 'Syntax error in NCCO. Invalid value type or action.'],
])('an answer URL that replies with %s ends the call with an error event', async (_name, reply, reason) => {
  stage = await setStage();
  stage.relay.reply = ({ url }) => (url.startsWith('/answer') ? reply : {});
  const phone = stage.simulator.phone({ number: NUMBER });
  await until('completed came', () => stage?.relay.statuses().includes('completed') === true);
  expect(phone.phase).toBe('over');
  expect(stage.relay.hooks.map((hook) => hook.fields['reason']).filter(Boolean)).toEqual([reason]);
});

test('a moderated conversation sends no frames until its host comes, and ends when the host leaves', async () => {
  stage = await setStage({ alwaysStarted: false });
  const { simulator, relay } = stage;
  const guest = simulator.phone({ conversation: 'allhands', startOnEnter: false });
  await stage.dial();
  const leg = await simulator.waitForLeg('answered');
  await stage.dial({ conversation: 'metronome', ncco: [{ action: 'talk', text: 'x'.repeat(1000) }] });
  await until('another leg has played 10 frames', () => (relay.legs[1]?.frames.length ?? 0) >= 10);
  expect(leg.sent).toBe(0);

  const host = simulator.phone({ conversation: 'allhands', endOnExit: true });
  await until('frames flow', () => leg.sent >= 5);
  host.leave();
  await until('the leg closed', () => relay.legs[0]?.closeCode !== undefined);
  expect(relay.legs[0]?.closeCode).toBe(1000);
  expect(leg.statusHistory.map((entry) => entry.status)).toEqual([
    'started',
    'ringing',
    'answered',
    'completed',
  ]);
  expect(guest.phase).toBe('over');
});

test('hold music plays until the first talker enters: the 523 Hz tone, then the source', async () => {
  stage = await setStage({ alwaysStarted: false });
  const { simulator, relay } = stage;
  const source = sine(1000, -6);
  simulator.play('allhands', source);
  const music = ['https://relay.example/hold.mp3'];
  await stage.dial({ ncco: [{ ...join, startOnEnter: false, musicOnHoldUrl: music }] });
  await until('music plays', () => (relay.legs[0]?.frames.length ?? 0) >= 5);
  expect(loudest(relay.legs[0]?.frames.at(-1))).toBeLessThan(1100);
  simulator.phone({ conversation: 'allhands' });
  await until('the source plays', () => loudest(relay.legs[0]?.frames.at(-1)) > 15_000);
});

test('a key pressed in the conversation reaches the leg as one dtmf text between audio frames', async () => {
  stage = await setStage();
  await stage.dial();
  await stage.simulator.waitForLeg((leg) => leg.sent > 1);
  const phone = stage.simulator.phone({ conversation: 'allhands' });
  phone.digits('5#');
  await until('2 keys came', () => stage?.relay.legs[0]?.texts.length === 3);
  expect(stage.relay.legs[0]?.texts.slice(1).map((text): unknown => JSON.parse(text))).toEqual([
    { event: 'websocket:dtmf', digit: '5', duration: 260 },
    { event: 'websocket:dtmf', digit: '#', duration: 260 },
  ]);
});

test('the 4th participant of a conversation for 3 is turned away with an error event', async () => {
  stage = await setStage({ maxParticipants: 3 });
  const phones = Array.from({ length: 4 }, () => stage?.simulator.phone({ conversation: 'allhands' }));
  await until('completed came', () => stage?.relay.statuses().includes('completed') === true);
  expect(phones.map((phone) => phone?.phase)).toEqual([
    'conversation',
    'conversation',
    'conversation',
    'over',
  ]);
  expect(stage.relay.hooks.some((hook) => hook.fields['reason'] === 'Conversation allhands is full.')).toBe(
    true,
  );
});

test('canHear [] gives a leg 640 zero bytes a frame', async () => {
  stage = await setStage();
  await stage.dial({ ncco: [{ ...join, canHear: [] }] });
  await until('3 frames came', () => (stage?.relay.legs[0]?.frames.length ?? 0) >= 3);
  expect(stage.relay.legs[0]?.frames[2]).toEqual(Buffer.alloc(640));
});

test('a REST call to a phone rings it with the NCCO given, and REST hangs it up', async () => {
  stage = await setStage();
  const { vonage, relay } = stage;
  const { uuid } = await vonage.voice.createOutboundCall({
    to: [{ type: 'phone', number: '4915112345678' }],
    from: { type: 'phone', number: '442037831800' },
    ncco: [{ action: 'conversation', name: 'allhands' }],
  });
  await until('it is answered', () => relay.statuses().includes('answered'));
  await vonage.voice.hangupCall(uuid);
  await until('completed came', () => relay.statuses().includes('completed'));
  expect(stage.simulator.legs()).toHaveLength(0);
});
