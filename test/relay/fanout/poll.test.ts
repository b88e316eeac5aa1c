import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePollQuery, type PollQuery } from '../../../relay/fanout/poll-query.ts';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';
import { HttpEar, HttpStage } from './http-stage.ts';

function parse(text: string): PollQuery {
  return parsePollQuery(new URLSearchParams(text));
}

describe('the query of a poll', () => {
  test('without parameters asks for the last second, from nobody known', () => {
    expect(parse('')).toEqual({ after: undefined, waitMs: 2000, listener: undefined });
  });

  test('may name a cursor, 0 to 2 s and a listener; what else it says does not matter', () => {
    expect(parse('after=1795224993000.17&wait=0.25&listener=aB_9-&x=1')).toEqual({
      after: { epoch: 1_795_224_993_000, sequence: 17 },
      waitMs: 250,
      listener: 'aB_9-',
    });
    expect([parse('wait=0').waitMs, parse('wait=2').waitMs]).toEqual([0, 2000]);
  });

  test.each([
    ['after=', 'after'],
    ['after=1', 'after'],
    ['after=1.', 'after'],
    ['after=-1.2', 'after'],
    ['after=1.2.3', 'after'],
    ['after=99999999999999999.0', 'after'],
    ['after=9007199254740993.0', 'after'],
    ['wait=', 'wait'],
    ['wait=2.001', 'wait'],
    ['wait=-1', 'wait'],
    ['wait=NaN', 'wait'],
    ['wait=1e0', 'wait'],
    ['listener=', 'listener'],
    ['listener=a%2Fb', 'listener'],
    ['listener=%C3%A9', 'listener'],
    [`listener=${'a'.repeat(65)}`, 'listener'],
  ])('"%s" is refused, and the detail names "%s"', (text, name) => {
    expect(() => parse(text)).toThrow(`bad-request: "${name}" is`);
  });
});

describe('a listener who polls', () => {
  let stage: HttpStage;
  beforeEach(async () => {
    stage = new HttpStage();
    await stage.open();
  });
  afterEach(() => stage.close());

  /** Asks; the answer comes when the test has moved the clock far enough. */
  function ask(
    query: string,
    ear = new HttpEar(),
  ): { ear: HttpEar; answered: () => boolean; abort: () => void } {
    const aborter = new AbortController();
    let answered = false;
    const run = async (): Promise<void> => {
      const response = await fetch(`${stage.url}/chunks?${query}`, { signal: aborter.signal });
      ear.push(new Uint8Array(await response.arrayBuffer()));
      answered = true;
    };
    run().catch(() => {});
    return { ear, answered: () => answered, abort: () => aborter.abort() };
  }

  /** A poll that is seated and waits. */
  async function askAndWait(query: string, ear?: HttpEar): Promise<ReturnType<typeof ask>> {
    const pending = stage.clock.pending;
    const known = stage.fanout.listeners;
    const asked = ask(query, ear);
    // Seated anew, or taken over: the only trace of which is on the wire.
    if (known === 0) await until('seated', () => stage.clock.pending > pending);
    else await fetch(`${stage.url}/nothing?wait=x`);
    return asked;
  }

  test('without a cursor is answered at once: hello and the last second, 10 chunks of 30', async () => {
    stage.speak(30);
    const { ear, answered } = ask('');
    await until('the answer', answered);
    expect(ear.kinds[0]).toBe('text');
    expect(ear.messages).toMatchObject([{ type: 'hello', state: 'live', listeners: 1 }]);
    expect(ear.sequences).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    expect([stage.audiences, stage.clock.pending]).toEqual([[1, 0], 1]);
  });

  test('with a cursor is answered after 2 s, with what follows on it and what has come', async () => {
    stage.speak(10);
    const { ear, answered } = await askAndWait('after=1.6');
    stage.clock.advance(1000);
    stage.speak(2);
    stage.clock.advance(999);
    await fetch(`${stage.url}/nothing?wait=x`);
    expect(answered()).toBe(false);
    stage.clock.advance(1);
    await until('the answer', answered);
    expect(ear.sequences).toEqual([7, 8, 9, 10, 11]);
    expect(ear.chunks.some(({ skippedBefore }) => skippedBefore)).toBe(false);
  });

  test('is one whole response: its length is told, and nobody keeps it', async () => {
    const response = await fetch(`${stage.url}/chunks`);
    const body = await response.arrayBuffer();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(body.byteLength),
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
  });

  test('10 polls of one listener, 2.9 s apart, have all 310 chunks; its room has 1 listener, then none', async () => {
    const ear = new HttpEar();
    for (let poll = 0; poll < 10; poll++) {
      const { answered } = await askAndWait(`after=${ear.cursor}&listener=me`, ear);
      stage.speak(1);
      stage.clock.advance(2000);
      stage.speak(1);
      await until('the answer', answered);
      stage.speak(1);
      stage.clock.advance(2900);
      stage.speak(28);
    }
    const { answered } = await askAndWait(`after=${ear.cursor}&listener=me&wait=0`, ear);
    stage.clock.advance(0);
    await until('the answer', answered);
    expect(ear.sequences).toEqual(Array.from({ length: 310 }, (_, n) => n));
    expect(ear.chunks.some(({ skippedBefore }) => skippedBefore)).toBe(false);
    expect(ear.messages.filter(({ type }) => type === 'hello')).toHaveLength(11);
    expect([stage.audiences, stage.entered]).toEqual([[1], 1]);
    stage.clock.advance(2999);
    expect(stage.audiences).toEqual([1]);
    stage.clock.advance(1);
    expect([stage.audiences, stage.entered, stage.clock.pending]).toEqual([[1, 0], 0, 1]);
  });

  test('who comes back too late finds the last second, and the first chunk says that some were left out', async () => {
    const ear = new HttpEar();
    stage.speak(5);
    const first = ask('listener=me', ear);
    await until('the answer', first.answered);
    stage.clock.advance(3000);
    stage.speak(40);
    const { answered } = await askAndWait(`after=1.4&listener=me&wait=0`, ear);
    stage.clock.advance(0);
    await until('the answer', answered);
    expect(ear.sequences.slice(5)).toEqual([35, 36, 37, 38, 39, 40, 41, 42, 43, 44]);
    expect(ear.chunks.flatMap(({ skippedBefore, sequence }) => (skippedBefore ? [sequence] : []))).toEqual([
      35,
    ]);
    expect(stage.audiences).toEqual([1, 0, 1]);
  });

  test('a seat keeps at most 256 kB: 1000 chunks on, the next poll is told of the last 80', async () => {
    const first = ask('listener=me');
    await until('the answer', first.answered);
    stage.speak(1000);
    const { ear, answered } = await askAndWait('after=1.0&listener=me&wait=0');
    stage.clock.advance(0);
    await until('the answer', answered);
    expect(ear.sequences.at(-1)).toBe(999);
    expect(ear.chunks.reduce((sum, { pcm }) => sum + pcm.length + 76, 0)).toBeLessThanOrEqual(256 * 1024);
    expect(ear.chunks).toHaveLength(80);
  });

  test('a seat keeps 5 s of sound; without a cursor its listener is told of the last second alone', async () => {
    const everySecond = async (query: string): Promise<number[]> => {
      const { ear, answered } = ask(query);
      await until('the answer', answered);
      stage.speak(1);
      stage.clock.advance(1000);
      return ear.sequences;
    };
    await everySecond('listener=me');
    for (let sec = 1; sec < 7; sec++) expect(await everySecond('listener=me')).toEqual([sec - 1]);
    const { ear, answered } = await askAndWait('after=0.0&listener=me&wait=0');
    stage.clock.advance(0);
    await until('the answer', answered);
    expect(ear.sequences).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('states of the time between two polls are told by the second one’s hello, those of its own as they come', async () => {
    const first = ask('listener=me');
    await until('the answer', first.answered);
    stage.turn('waiting');
    const { ear, answered } = await askAndWait('after=0.0&listener=me');
    stage.turn('live');
    stage.turn('ended');
    stage.clock.advance(2000);
    await until('the answer', answered);
    expect(ear.messages).toMatchObject([
      { type: 'hello', state: 'waiting' },
      { type: 'state', state: 'live' },
      { type: 'state', state: 'ended' },
    ]);
  });

  test('a second poll of the same listener answers the first; both hear the same', async () => {
    const first = await askAndWait('after=0.0&listener=me');
    stage.speak(2);
    const second = await askAndWait('after=0.0&listener=me');
    await until('the first is answered', first.answered);
    stage.clock.advance(2000);
    await until('the second is answered', second.answered);
    expect([first.ear.sequences, second.ear.sequences]).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(stage.audiences).toEqual([1]);
  });

  test('the relay’s going answers all at once with bye, rests no more, and greets who comes late with bye', async () => {
    const waiting = await askAndWait('after=0.0&listener=me');
    await stage.fanout.close('the relay is going away');
    await until('the answer', waiting.answered);
    expect(waiting.ear.messages.map(({ type }) => type)).toEqual(['hello', 'bye']);
    expect([stage.audiences, stage.entered, stage.clock.pending]).toEqual([[1, 0], 0, 0]);
    const late = ask('after=0.0&listener=me');
    await until('the answer', late.answered);
    expect(late.ear.messages).toMatchObject([{ type: 'bye', code: 4000, retryInMs: 3625 }]);
    expect([stage.entered, stage.clock.pending]).toEqual([0, 0]);
  });

  test('who hangs up while it waits leaves at once, or 3 s later where it may come back', async () => {
    const stranger = await askAndWait('after=0.0');
    stranger.abort();
    await until('it has left', () => stage.fanout.listeners === 0);
    const known = await askAndWait('after=0.0&listener=me');
    known.abort();
    await until('it rests', () => {
      stage.clock.advance(250);
      return stage.fanout.listeners === 0;
    });
    expect([stage.entered, stage.clock.pending]).toEqual([0, 1]);
  });

  test('500 polls and 500 streams that come and vanish leave no listener, no seat and no timer', async () => {
    const before = stage.clock.pending;
    const polls = Array.from({ length: 500 }, (_, n) => ask(`after=0.0${n % 2 ? `&listener=l${n}` : ''}`));
    await until('all wait', () => stage.fanout.listeners === 500);
    // One more is the room's: its number has changed.
    expect(stage.clock.pending).toBe(before + 500 + 1);
    const streams = await Promise.all(
      Array.from({ length: 500 }, (_, n) => stage.client(n % 2 ? '/stream' : '/stream.wav')),
    );
    expect(stage.fanout.listenersByTransport).toEqual({ websocket: 0, stream: 250, poll: 500, wav: 250 });
    stage.clock.advance(1500);
    for (const { abort } of polls.slice(0, 250)) abort();
    for (const client of streams) client.destroy();
    await until('the streams are out', () => stage.fanout.listeners <= 375);
    stage.clock.advance(500);
    await until('the rest is answered', () => polls.slice(250).every(({ answered }) => answered()));
    stage.clock.advance(3000);
    expect([stage.fanout.listeners, stage.entered, stage.clock.pending]).toEqual([0, 0, before]);
  });

  test('who asks for the head alone is not seated', async () => {
    const { status } = await fetch(`${stage.url}/chunks?listener=me`, { method: 'HEAD' });
    expect([status, stage.audiences, stage.entered]).toEqual([200, [], 0]);
  });

  test('a wrong query is 400 and seats nobody', async () => {
    const response = await fetch(`${stage.url}/chunks?wait=9`);
    expect([response.status, stage.audiences]).toEqual([400, []]);
  });

  test('who takes nothing of its answers for 5 s is reset: nothing waits for it for ever', async () => {
    stage.speak(10);
    const address = new URL(stage.url);
    const socket = connect({ port: Number(address.port), host: address.hostname });
    socket.on('error', () => {});
    socket.pause();
    const request = `GET /chunks?listener=me HTTP/1.1\r\nHost: relay\r\n\r\n`;
    socket.write(request.repeat(600));
    await until('the first is answered', () => stage.fanout.listeners === 1);
    const startMs = performance.now();
    let connections = 1;
    await until(
      'it is cut',
      () => {
        void stage.connections().then((count) => (connections = count));
        return connections === 0;
      },
      12_000,
    );
    expect(performance.now() - startMs).toBeGreaterThan(4000);
    socket.destroy();
  });
});

describe('/chunks of a whole relay', () => {
  let house: House;
  beforeEach(async () => (house = await House.open()));
  afterEach(() => house.close());

  const poll = (room: string, query: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${house.url}/v1/rooms/${room}/chunks?${query}`, init);

  test('3 polls in a row hear 3 s of speech without a hole, and the room rings on', async () => {
    const mouth = await house.publish();
    const ear = new HttpEar();
    for (let n = 0; n < 3; n++) {
      mouth.speak(1000);
      const response = await poll('allhands', `after=${ear.cursor}&listener=me&wait=0.3`);
      ear.push(new Uint8Array(await response.arrayBuffer()));
      expect(house.relay.listeners()).toBe(1);
    }
    expect(ear.sequences).toEqual(Array.from({ length: 30 }, (_, n) => n));
    await until('it has left', () => house.relay.listeners() === 0, 4000);
    mouth.socket.close();
    await mouth.end();
  });

  test('says why it refuses: 401 without a ticket, as for no room, 400 for a wait of 9 s', async () => {
    const answers = await Promise.all([poll('board', ''), poll('unknown', ''), poll('allhands', 'wait=9')]);
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 400]);
    expect(bodies).toMatchObject([
      { code: 'ticket-refused' },
      { code: 'ticket-refused' },
      { code: 'bad-request', detail: '"wait" is a number of seconds from 0 to 2.' },
    ]);
    expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual(['*', '*', '*']);
    const Authorization = `Bearer ${await house.ticket('board')}`;
    expect((await poll('board', 'wait=0', { headers: { Authorization } })).status).toBe(200);
  });

  test('a poll that waits is answered with bye when the relay goes, as a 200', async () => {
    const asked = poll('allhands', 'after=0.0');
    await until('it is in', () => house.relay.listeners() === 1);
    await house.close();
    const response = await asked;
    const ear = new HttpEar();
    ear.push(new Uint8Array(await response.arrayBuffer()));
    expect([response.status, ear.messages.at(-1)]).toMatchObject([200, { type: 'bye', code: 4000 }]);
  });
});
