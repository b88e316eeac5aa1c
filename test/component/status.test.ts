import { expect } from 'chai';
import { en } from '../../component/i18n/en.ts';
import { counted, statusText } from '../../component/i18n/strings.ts';
import { playerError } from '../../component/player-error.ts';
import {
  stateOf,
  step,
  type PlayerState,
  type Status,
  type StatusAction,
  type StatusEvent,
} from '../../component/status.ts';

const play: StatusEvent = { kind: 'play' };
const stop: StatusEvent = { kind: 'stop' };
const running: StatusEvent = { kind: 'sound-running' };
const moved: StatusEvent = { kind: 'moved' };
const refused: StatusEvent = { kind: 'sound-blocked' };
const lost: StatusEvent = { kind: 'lost', attempt: 1 };
const failed: StatusEvent = { kind: 'failed', error: playerError('network', 'unreachable', '') };
const speech: StatusEvent = { kind: 'heard', sounding: true, quietForSec: 0 };
const hush: StatusEvent = { kind: 'heard', sounding: true, quietForSec: 10.1 };
const nothing: StatusEvent = { kind: 'heard', sounding: false, quietForSec: 0.3 };
const live: StatusEvent = { kind: 'room', room: 'live' };
const waiting: StatusEvent = { kind: 'room', room: 'waiting' };
const dialling: StatusEvent = { kind: 'room', room: 'connecting' };
const over: StatusEvent = { kind: 'room', room: 'ended' };

/** Status after events from idle, and the actions of the last one. */
function after(...events: StatusEvent[]): { status: Status; actions: StatusAction[] } {
  let status: Status = { phase: 'idle' };
  let actions: StatusAction[] = [];
  for (const event of events) [status, actions] = step(status, event);
  return { status, actions };
}

const listening = [play, running];

const table: [string, StatusEvent[], PlayerState, StatusAction[]][] = [
  ['Listen asks for sound first and opens no socket', [play], 'connecting', ['unlock']],
  ['a second Listen does nothing', [play, play], 'connecting', []],
  ['running sound opens the socket', listening, 'connecting', ['connect']],
  ['refused sound is blocked, without a socket', [play, refused], 'blocked', ['disconnect']],
  ['a gesture after blocked opens the socket', [play, refused, running], 'connecting', ['connect']],
  ['a room that is being dialled is connecting', [...listening, dialling], 'connecting', []],
  ['a room without a host is waiting', [...listening, waiting], 'waiting', []],
  ['a live room is connecting until something sounds', [...listening, live], 'connecting', []],
  ['a room that turns live is waiting until something sounds', [...listening, waiting, live], 'waiting', []],
  ['then it is live', [...listening, waiting, live, speech], 'live', []],
  ['a live room that sounds is live', [...listening, live, speech], 'live', []],
  ['10 s of quiet are silent', [...listening, live, speech, hush], 'silent', []],
  ['a voice after silence is live', [...listening, live, hush, speech], 'live', []],
  ['a live room that runs dry is buffering', [...listening, live, speech, nothing], 'buffering', []],
  ['data after buffering is live', [...listening, live, speech, nothing, speech], 'live', []],
  ['a silent room that says nothing more is buffering', [...listening, live, hush, nothing], 'buffering', []],
  ['a lost socket is not told while sound lasts', [...listening, live, speech, lost], 'live', []],
  [
    'a lost socket is told when the sound ends',
    [...listening, live, speech, lost, nothing],
    'reconnecting',
    [],
  ],
  ['a socket lost before the first hello is connecting', [...listening, lost], 'connecting', []],
  ['a socket lost while waiting is reconnecting', [...listening, waiting, lost], 'reconnecting', []],
  ['a new hello ends reconnecting', [...listening, live, speech, lost, nothing, live, speech], 'live', []],
  ['a redialled leg is connecting', [...listening, live, speech, dialling], 'connecting', []],
  ['the end releases everything', [...listening, live, speech, over], 'ended', ['release']],
  ['an error releases everything', [...listening, live, failed], 'error', ['release']],
  ['Stop releases everything', [...listening, live, stop], 'idle', ['release']],
  [
    'another room while live begins anew',
    [...listening, live, speech, moved],
    'connecting',
    ['disconnect', 'connect'],
  ],
  ['another room while idle connects nothing', [moved], 'idle', []],
  ['Listen works again after the end', [...listening, over, play], 'connecting', ['unlock']],
  ['Listen works again after an error', [play, failed, play], 'connecting', ['unlock']],
  [
    'sound taken away while live is blocked',
    [...listening, live, speech, refused],
    'blocked',
    ['disconnect'],
  ],
  ['news of a closed connection change nothing', [play, running, stop, live, speech, lost], 'idle', []],
  ['sound that starts after Stop opens nothing', [play, stop, running], 'idle', []],
];

const language = { tag: 'en', strings: en };

/** Between time and AM or PM stands a narrow space. */
function plain(text: string): string {
  return text.replaceAll('\u202f', ' ');
}

describe('status', () => {
  for (const [sentence, events, state, actions] of table) {
    it(sentence, () => {
      const result = after(...events);
      expect(stateOf(result.status)).to.equal(state);
      expect(result.actions).to.deep.equal(actions);
    });
  }

  it('an event that changes nothing returns the same status, so nothing is rendered', () => {
    const { status } = after(...listening, live, speech);
    expect(step(status, speech)[0]).to.equal(status);
  });

  it('says which try it is from the third reconnect on', () => {
    const [second, third] = [2, 3].map(
      (attempt) => after(...listening, waiting, { kind: 'lost', attempt }).status,
    );
    expect(second && statusText(second, language, 0)).to.equal(en.status.reconnecting);
    expect(third && statusText(third, language, 0)).to.equal('Connection lost. Reconnecting, try 3…');
  });

  it('says how far behind a live room is, and how many listen, in the forms of the language’s numbers', () => {
    const { status } = after(...listening, live, speech);
    expect(statusText(status, language, 0)).to.equal('Live');
    expect(statusText(status, language, 1)).to.equal('Live, 1 second behind');
    expect(statusText(status, language, 4)).to.equal('Live, 4 seconds behind');
    expect(counted(language, 'listening', 1234)).to.equal('1,234 listening');
  });

  it('says when what is waited for begins, with the day where that is not today', () => {
    const { status } = after(...listening, waiting);
    const startMs = new Date(2026, 10, 26, 14, 0).getTime();
    const words = (nowMs: number, room = status): string => statusText(room, language, 0, startMs, nowMs);
    expect(plain(words(new Date(2026, 10, 26, 0, 1).getTime()))).to.equal('Starts at 2:00 PM');
    expect(plain(words(new Date(2026, 10, 25, 23, 59).getTime()))).to.equal(
      'Starts at 2:00 PM · Thu, Nov 26',
    );
    expect(words(0, after(...listening, live, speech).status)).to.equal('Live');
  });

  it('says when the platform refuses the call', () => {
    const { status } = after(...listening, { kind: 'room', room: 'unavailable' });
    expect(stateOf(status)).to.equal('connecting');
    expect(statusText(status, language, 0)).to.equal(en.unavailable);
  });
});
