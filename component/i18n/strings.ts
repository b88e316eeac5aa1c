import { stateOf, type PlayerState, type Status } from '../status.ts';
import type { ErrorKind } from '../player-error.ts';

/** A text with `{n}` in it, in every form that the language's numbers ask for (CLDR plural categories). */
export type Plural<Category extends Intl.LDMLPluralRule> = Readonly<Record<Category | 'other', string>>;

/**
 * Every text of the player in one language; a missing one fails the type check. `Category`: the language's plural
 * categories besides `other`, of cardinal numbers. Texts are plain data: a language file needs no code of the player.
 */
export interface Strings<Category extends Intl.LDMLPluralRule = never> {
  /** Names of the button by what it does next. */
  readonly listen: string;
  readonly stop: string;
  readonly again: string;
  readonly retry: string;
  readonly mute: string;
  readonly unmute: string;
  readonly volume: string;
  /** Button that leaves out what the player has fallen behind by. */
  readonly goLive: string;
  /** Names of the switches for captions: shown at all, larger, with more contrast. */
  readonly captions: string;
  readonly largerText: string;
  readonly moreContrast: string;
  /** Accessible name of the whole player; `{title}` is the room's. */
  readonly player: string;
  /** Status line by state; errors have their own. */
  readonly status: Readonly<Record<Exclude<PlayerState, 'error'>, string>>;
  /** How many listen, behind the word Live. */
  readonly listening: Plural<Category>;
  /** The state `live`, `{n}` seconds behind what could be heard. */
  readonly behind: Plural<Category>;
  /** In place of the state `waiting`, where it is known: `{time}` is a time of day, with the day where it is not today. */
  readonly startsAt: string;
  /** The relay cannot get a line to the conference and keeps trying. */
  readonly unavailable: string;
  /** Reconnecting for the `{n}`th time (from 3). */
  readonly attempt: string;
  /** Announced when sound is back after a loss. */
  readonly liveAgain: string;
  readonly error: Readonly<Record<ErrorKind, string>>;
}

/** A language at work: its tag (BCP 47) and its texts. */
export interface Language {
  readonly tag: string;
  readonly strings: Strings;
}

const COUNTED_FROM = 3;

/** A text with `{n}` replaced by a number as the language writes it; a plural in the form the number asks for. */
export function counted(
  { tag, strings }: Language,
  name: 'listening' | 'behind' | 'attempt',
  n: number,
): string {
  const text: string | Plural<never> = strings[name];
  const forms: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> =
    typeof text === 'string' ? { other: text } : text;
  const form = forms[new Intl.PluralRules(tag).select(n)] ?? forms.other ?? '';
  return form.replace('{n}', new Intl.NumberFormat(tag).format(n));
}

/** When it starts, by the listener's own clock. */
function startText({ tag, strings }: Language, startMs: number, nowMs: number): string {
  const start = new Date(startMs);
  const time = start.toLocaleTimeString(tag, { timeStyle: 'short' });
  const isToday = start.toDateString() === new Date(nowMs).toDateString();
  const day = start.toLocaleDateString(tag, { weekday: 'short', day: 'numeric', month: 'short' });
  return strings.startsAt.replace('{time}', isToday ? time : `${time} · ${day}`);
}

/**
 * The status line's words; `behindSec` is how far behind the sound is, 0 where that is not worth telling; `opensAt`,
 * Unix ms, is when what is waited for begins.
 */
export function statusText(
  status: Status,
  language: Language,
  behindSec: number,
  opensAt: number | null = null,
  nowMs = Date.now(),
): string {
  const { strings } = language;
  if (status.phase === 'error') return strings.error[status.error.kind];
  const state = stateOf(status);
  if (state === 'error') return '';
  if (status.phase === 'listening') {
    const { room, attempt } = status;
    if (state === 'connecting' && room === 'unavailable') return strings.unavailable;
    if (state === 'reconnecting' && attempt >= COUNTED_FROM) return counted(language, 'attempt', attempt);
    if (state === 'waiting' && opensAt) return startText(language, opensAt, nowMs);
    if (state === 'live' && behindSec > 0) return counted(language, 'behind', behindSec);
  }
  return strings.status[state];
}
