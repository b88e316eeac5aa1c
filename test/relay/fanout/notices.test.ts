import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { HttpEar, HttpStage } from './http-stage.ts';

const LATE = 'We begin ten minutes late.';

let http: HttpStage;
beforeEach(async () => {
  http = new HttpStage();
  await http.open();
});
afterEach(() => http.close());

/** What was told as a notice, and in a `hello`, in order. */
function notices(ear: HttpEar): string[] {
  return ear.messages.flatMap((message) => {
    if (message.type === 'notice') return [`notice "${message.text}"`];
    return message.type === 'hello' ? [`hello ${JSON.stringify(message.notice ?? '')}`] : [];
  });
}

test('a stream brings a notice and its end; one that begins while it stands has it in the hello', async () => {
  const ears = [new HttpEar(), new HttpEar()];
  for (const [n, ear] of ears.entries()) {
    const response = await http.client('/stream');
    response.on('data', (bytes: Buffer) => ear.push(bytes));
    await until('hello', () => ear.messages.length > 0);
    if (n === 0) http.announce(LATE);
  }
  http.announce('');
  await until('it is taken back', () => ears.every((ear) => notices(ear).at(-1) === 'notice ""'));
  expect(ears.map(notices)).toEqual([
    ['hello ""', `notice "${LATE}"`, 'notice ""'],
    [`hello "${LATE}"`, 'notice ""'],
  ]);
});

test('each poll has in its hello what stands then', async () => {
  const ear = new HttpEar();
  const poll = async (): Promise<void> => {
    const answer = fetch(`${http.url}/chunks?after=${ear.cursor}&listener=me&wait=0`);
    const answered = answer.then(async (response) => ear.push(new Uint8Array(await response.arrayBuffer())));
    let done = false;
    void answered.then(() => (done = true));
    await until('the answer', () => {
      http.clock.advance(0);
      return done;
    });
  };
  await poll();
  http.announce(LATE);
  await poll();
  await poll();
  http.announce('');
  await poll();
  expect(notices(ear)).toEqual(['hello ""', `hello "${LATE}"`, `hello "${LATE}"`, 'hello ""']);
});

test('the plain stream has none: 44 bytes of header', async () => {
  const response = await http.client('/stream.wav');
  let bytes = 0;
  response.on('data', (part: Buffer) => (bytes += part.length));
  await until('the header', () => bytes > 0);
  http.announce(LATE);
  await fetch(`${http.url}/nothing?wait=x`);
  expect(bytes).toBe(44);
  response.destroy();
});
