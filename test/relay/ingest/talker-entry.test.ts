import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkPin,
  nccoForCaller,
  nccoForPin,
  parseAttempt,
  type Attempt,
  type TalkerRoom,
} from '../../../relay/ingest/talker-entry.ts';
import { OPEN } from './door-stage.ts';

const RELAY = 'https://relay.example';
const CLOSED: TalkerRoom = { ...OPEN, pin: '2468' };
const MODERATED: TalkerRoom = { ...CLOSED, hostPin: '13579' };

const welcome = { action: 'talk', text: 'Welcome to All hands.' };
const goodbye = [{ action: 'talk', text: 'You cannot be let in. Goodbye.' }];

function asking(text: string, attempt: Attempt) {
  return [
    { action: 'talk', text, bargeIn: true },
    {
      action: 'input',
      type: ['dtmf'],
      dtmf: { maxDigits: 12, timeOut: 7, submitOnHash: true },
      eventUrl: [`${RELAY}/vonage/pin/allhands/${attempt}`],
      eventMethod: 'POST',
    },
  ];
}

function answerTo(room: TalkerRoom, digits: string, attempt: Attempt) {
  return nccoForPin(room, checkPin(room, digits), attempt, RELAY);
}

describe('somebody who dials', () => {
  test('a room without a PIN is welcomed and taken in', () => {
    expect(nccoForCaller(OPEN, RELAY)).toEqual([
      welcome,
      { action: 'conversation', name: 'allhands-conf', startOnEnter: true },
    ]);
  });

  test('a room with a PIN is asked for up to 12 digits, told no title and no length', () => {
    const question = asking('Please key in the PIN, then press the hash key.', 1);
    expect(nccoForCaller(CLOSED, RELAY)).toEqual(question);
    expect(nccoForCaller({ ...CLOSED, pin: '246824682468' }, RELAY)).toEqual(question);
    expect(nccoForCaller(MODERATED, RELAY)).toEqual(question);
  });
});

describe('the digits', () => {
  test.each<[Attempt, string]>([
    [1, '1111'],
    [2, '24680'],
    [1, ''],
    [2, ''],
  ])('of try %i, "%s", are not the PIN: asked again under the next address', (attempt, digits) => {
    const next = attempt === 1 ? 2 : 3;
    expect(answerTo(CLOSED, digits, attempt)).toEqual(
      asking('That is not the PIN. Please key in the PIN, then press the hash key.', next),
    );
  });

  test.each(['1111', '', '246', '2468#', '*2468'])(
    '"%s", wrong the third time, end the call after a goodbye',
    (digits) => {
      expect(answerTo(CLOSED, digits, 3)).toEqual(goodbye);
      expect(answerTo(MODERATED, digits, 3)).toEqual(goodbye);
    },
  );

  test.each<Attempt>([1, 2, 3])(
    '2468, right at try %i, let in: the conference is open at once',
    (attempt) => {
      expect(answerTo(CLOSED, '2468', attempt)).toEqual([
        welcome,
        { action: 'conversation', name: 'allhands-conf', startOnEnter: true },
      ]);
    },
  );

  test('2468 in a moderated room let in to wait; 13579 start the conference and end it by leaving', () => {
    expect(answerTo(MODERATED, '2468', 1)).toEqual([
      welcome,
      { action: 'conversation', name: 'allhands-conf', startOnEnter: false },
    ]);
    expect(answerTo(MODERATED, '13579', 1)).toEqual([
      welcome,
      { action: 'conversation', name: 'allhands-conf', startOnEnter: true, endOnExit: true },
    ]);
  });

  test('of a room that lost its PIN meanwhile let everybody in', () => {
    expect(answerTo(OPEN, '1111', 3)).toEqual(nccoForCaller(OPEN, RELAY));
    expect(answerTo(OPEN, '', 1)).toEqual(nccoForCaller(OPEN, RELAY));
  });
});

test('of 1,000 guesses none but the PIN itself lets in, and no answer names a PIN', () => {
  const guess = fc.oneof(
    fc.string(),
    fc.stringMatching(/^\d{0,13}$/),
    fc.constantFrom('02468', '2468 ', '０'),
  );
  fc.assert(
    fc.property(guess, fc.constantFrom<Attempt>(1, 2, 3), (digits, attempt) => {
      fc.pre(digits !== MODERATED.pin && digits !== MODERATED.hostPin);
      const answer = answerTo(MODERATED, digits, attempt);
      expect(answer.some(({ action }) => action === 'conversation')).toBe(false);
      expect(JSON.stringify(answer)).not.toMatch(/2468|13579/);
    }),
    { numRuns: 1000, seed: 23 },
  );
});

test('there are the tries 1, 2 and 3 and no other', () => {
  expect(['1', '2', '3'].map(parseAttempt)).toEqual([1, 2, 3]);
  const others = ['', '0', '4', '01', '1 ', '+1', '1.0', '-1', '１', 'constructor', '99999999999999999999'];
  expect(others.map(parseAttempt)).toEqual(others.map(() => undefined));
});
