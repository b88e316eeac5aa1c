import type { RoomState } from '../../wire/messages.ts';
import type { RoomView, Sound, Transport } from './console-answers.ts';

/** What a room's state is called, and what it means. */
export const STATE_WORDS: Readonly<Record<RoomState, readonly [name: string, meaning: string]>> = {
  idle: ['Idle', 'Nobody listens, so there is no call.'],
  connecting: ['Connecting', 'The call into the conference is being set up.'],
  waiting: ['Waiting', 'Connected; nothing is to be heard yet.'],
  live: ['Live', 'Sound from the conference reaches the listeners.'],
  ended: ['Ended', 'The conference is over.'],
  unavailable: ['Unavailable', 'The phone platform refuses the call; the relay keeps trying.'],
};

/** What the line sounds like, and what cannot be known from that. */
export const SOUND_WORDS: Readonly<Record<Sound, readonly [name: string, meaning: string]>> = {
  none: ['Nothing arrives', 'The call is up, but its line sends no sound at all.'],
  silence: [
    'Complete silence',
    'Nobody is in the conference, or everybody is muted: the line sounds the same.',
  ],
  quiet: ['Quiet', 'Only the noise of the line: nobody speaks now.'],
  speech: ['Speech', 'Sound comes and goes as speech does.'],
  steady: [
    'Steady sound',
    'Ten seconds without a pause: hold music, a tone or applause. Loudness alone cannot tell which.',
  ],
  unknown: ['Not known', 'This page is older than the relay: reload it.'],
};

/** How listeners' sound comes to them. */
export const TRANSPORT_WORDS: Readonly<Record<Transport, string>> = {
  websocket: 'WebSocket',
  stream: 'HTTP stream',
  poll: 'polling',
  wav: 'plain audio',
};

const EVENT_WORDS: ReadonlyMap<string, string> = new Map([
  ['room.state', 'State changed'],
  ['room.revoked', 'Tickets taken back'],
  ['call.dialled', 'Calling the conference'],
  ['call.placed', 'Call placed'],
  ['call.refused', 'The phone platform refused the call'],
  ['call.hung-up', 'Hung up'],
  ['call.gone', 'The call was over before it was hung up'],
  ['leg.opened', 'Connected to the conference'],
  ['leg.closed', 'Connection to the conference ended'],
  ['leg.stalled', 'No sound arrived for a while'],
  ['leg.fault', 'The line sent what is no sound'],
  ['leg.refused', 'A connection was turned away'],
  ['leg.sound', 'The line sounds different'],
  ['leg.replacing', 'Calling a successor before the time limit'],
  ['leg.replaced', 'The successor has taken over'],
  ['leg.replacement-failed', 'The successor’s call failed'],
  ['publisher.refused', 'A publisher was turned away'],
  ['orphan.found', 'A call left over from before was found'],
  ['vonage.call-failed', 'The phone platform could not place the call'],
  ['vonage.hang-up-failed', 'The phone platform could not hang up'],
  ['vonage.webhook-refused', 'A message in the phone platform’s name was refused'],
  ['listener.fault', 'A listener sent what is no message'],
  ['vonage.event', 'The phone platform told of the call'],
  ['listener.refused', 'A listener was turned away'],
  ['listener.turned-away', 'Listeners were turned away'],
  ['caption.refused', 'A caption was refused'],
  ['talker.pin', 'A caller keyed in a PIN'],
  [
    'listener.proxy-not-trusted',
    'A proxy stands in front, and is not trusted: listeners count as one address',
  ],
  ['history.failed', 'The history cannot be written'],
  ['history.set-aside', 'The history’s file was broken: it is set aside, a new one begun'],
  ['history.left-calls', 'Calls of the relay’s last life are written down as over'],
  ['history.lost', 'What waited for the history was lost'],
  ['history.dropped', 'Too much happened at once for the history to keep'],
  ['relay.unsafe', 'A setting for trying out makes the relay less safe'],
  ['config.refused', 'Changed settings were refused: the old ones hold'],
  ['http.failed', 'A request failed: the log says why'],
  ['upgrade.failed', 'A connection failed: the log says why'],
  ['orphans.unknown', 'Whether calls were left over could not be asked'],
  ['operator.call', 'Operator: call'],
  ['operator.hang-up', 'Operator: hang up'],
  ['operator.kick', 'Operator: all listeners sent away'],
  ['operator.announce', 'Operator: message to listeners'],
]);

const END_WORDS: ReadonlyMap<string, string> = new Map([
  ['ended', 'the conference ended it'],
  ['lost', 'the connection was lost'],
  ['hung-up', 'hung up'],
  ['refused', 'refused'],
  ['replaced', 'a successor took over'],
  ['gone', 'was over before it was hung up'],
  ['relay-closed', 'the relay was stopped'],
  ['relay-died', 'the relay died'],
]);

const HINDRANCE_WORDS: ReadonlyMap<string, string> = new Map([
  ['relay-full', 'the relay has as many listeners as it may'],
  ['too-many-joins', 'too many come at once'],
  ['shutting-down', 'the relay is shutting down'],
  ['files-full', 'the system gives the relay no more connections (file descriptors)'],
  ['stuck', 'the relay cannot keep up with its work'],
]);

/** An event's name as a sentence; the name itself where there is none. */
export function eventWords(event: string): string {
  return EVENT_WORDS.get(event) ?? event;
}

/** Why a call is over. */
export function endWords(end: string): string {
  return END_WORDS.get(end) ?? end;
}

/** Why nobody more can listen. */
export function hindranceWords(code: string): string {
  return HINDRANCE_WORDS.get(code) ?? code;
}

/** `3 h 12 min`, `4 min 5 s` or `12 s`: the two greatest units. */
export function spanWords(sec: number): string {
  const whole = Math.max(0, Math.round(sec));
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  const told = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return told.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** `1,234`. */
export function countWords(count: number): string {
  return count.toLocaleString('en');
}

/** `7 listeners`. */
export function listenersWords(count: number): string {
  return count === 1 ? '1 listener' : `${countWords(count)} listeners`;
}

/** `512 MB`. */
export function bytesWords(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} MB`;
}

/** `12.3 Mbit/s`. */
export function rateWords(bitsPerSec: number): string {
  const digits = bitsPerSec < 10e6 ? 2 : 1;
  return `${(bitsPerSec / 1e6).toLocaleString('en', { maximumFractionDigits: digits })} Mbit/s`;
}

/** `24 ms` or `1.3 s`. */
export function delayWords(ms: number): string {
  if (ms < 10) return `${ms.toLocaleString('en', { maximumFractionDigits: 1 })} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `€0.12`; a currency of no such code as it is written. */
export function moneyWords({ amount, currency }: { amount: number; currency: string }): string {
  const format = { style: 'currency', currency, maximumFractionDigits: amount < 1 ? 3 : 2 } as const;
  if (/^[A-Z]{3}$/i.test(currency)) return amount.toLocaleString('en', format);
  return `${amount.toLocaleString('en', { maximumFractionDigits: 3 })} ${currency}`;
}

/** A level as decibels below the loudest possible. */
export function levelWords(dbfs: number): string {
  return `${Math.round(dbfs).toString().replace('-', '−')} dBFS`;
}

/** How near a leg is to its time limit: warned of at 5 min, loudly at 1 min. */
export function urgencyOf({ leg }: RoomView): 'none' | 'soon' | 'now' {
  const endsInSec = leg?.endsInSec ?? Number.POSITIVE_INFINITY;
  if (endsInSec < 60) return 'now';
  return endsInSec < 300 ? 'soon' : 'none';
}

/** `14:03`, here. */
export function timeWords(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** A moment as a person here reads it: `14:03`, on another day than `nowMs` with the date. */
export function momentWords(ms: number, nowMs: number, withSeconds = false): string {
  const [moment, now] = [new Date(ms), new Date(nowMs)];
  const time = moment.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds && { second: '2-digit' }),
  });
  if (moment.toDateString() === now.toDateString()) return time;
  return `${moment.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })}, ${time}`;
}
