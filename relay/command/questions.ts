import { readConfig } from '../config/config.ts';
import { flagName } from '../config/setting-sources.ts';
import type { SettingName } from '../config/settings.ts';
import type { Flags } from './settings-files.ts';

/** Answers by the flag that gives them too. */
export type Answers = ReadonlyMap<string, string>;

/** Something that `conf-relay init` must know. */
export interface Question {
  /** The flag that answers it, without dashes. */
  flag: string;
  text: string;
  /** Whether it is to be asked, after the answers so far. */
  applies: (answers: Answers) => boolean;
  /** What nobody need type; `''` where there may be no answer. Undefined where there must be one. */
  fallback?: (answers: Answers) => string;
  isSecret?: boolean;
  /** What is wrong with an answer; undefined where it is right. */
  fault: (answer: string, answers: Answers) => string | undefined;
}

/** Reads a file that an answer names; throws when it cannot. */
type ReadText = (path: string) => string;

const always = (): boolean => true;
const isDialled = (answers: Answers): boolean => answers.get('room-source') === 'vonage';

/** A question about a setting; it judges the answer. */
function settingQuestion(
  setting: SettingName,
  text: string,
  readText: ReadText,
  more: Partial<Question> & { inFile?: boolean } = {},
): Question {
  const { inFile = false, ...rest } = more;
  const flag = inFile ? `${flagName(setting)}-file` : flagName(setting);
  return {
    flag,
    text,
    applies: setting.startsWith('vonage.') ? isDialled : always,
    fault: (answer) => faultOf({ [flag]: answer }, setting, readText),
    ...rest,
  };
}

/** A question about a field of the room. */
function roomQuestion(field: string, text: string, more: Partial<Question> = {}): Question {
  return {
    flag: `room-${field}`,
    text,
    applies: always,
    fault: (answer, answers) => {
      const room = { id: 'room', ...roomOf(answers), ...roomOf(new Map([[`room-${field}`, answer]])) };
      return faultOf({ rooms: JSON.stringify([room]) }, `rooms.0.${field}`, () => '');
    },
    ...more,
  };
}

/** All questions, in their order. */
export function questions(readText: ReadText): readonly Question[] {
  const about = (setting: SettingName, text: string, more: Partial<Question> & { inFile?: boolean } = {}) =>
    settingQuestion(setting, text, readText, more);
  return [
    about('publicUrl', 'Public address of the relay, such as https://relay.example'),
    // Not asked: who has no Vonage account says so.
    roomQuestion('source', 'vonage, or l16 where a publisher sends the sound', { fallback: () => 'vonage' }),
    about('vonage.applicationId', 'Vonage application id'),
    about('vonage.privateKey', 'File that holds its private key', {
      inFile: true,
      fallback: () => 'private.key',
    }),
    about('vonage.apiKey', 'API key of the account'),
    about('vonage.signatureSecret', 'Signature secret of the account (not shown)', { isSecret: true }),
    about('vonage.apiSecret', 'API secret of the account, for "conf-relay check" (not shown; Enter: none)', {
      isSecret: true,
      fallback: () => '',
    }),
    about('vonage.from', 'A number linked to the application, digits without +'),
    roomQuestion('id', 'Id of the first room, as in its address', { fallback: () => 'allhands' }),
    roomQuestion('title', 'Its title, for people', {
      fallback: (answers) =>
        answers.get('room-id') === 'allhands' ? 'All hands' : (answers.get('room-id') ?? ''),
    }),
    roomQuestion('access', 'Who may listen: open (all), origin (pages of your sites), ticket', {
      fallback: () => 'ticket',
    }),
    roomQuestion('origins', 'Sites whose pages may play it, such as https://intranet.example', {
      applies: (answers) => answers.get('room-access') === 'origin',
    }),
    {
      flag: 'admin',
      text: 'Admin listener on this machine: yes or no',
      applies: always,
      fallback: () => 'yes',
      fault: (answer) => (['yes', 'no'].includes(answer) ? undefined : 'is not yes or no'),
    },
  ];
}

/** The room that the answers tell of. */
export function roomOf(answers: Answers): Record<string, unknown> {
  const room: Record<string, unknown> = {};
  for (const field of ['id', 'title', 'source', 'access']) {
    const answer = answers.get(`room-${field}`);
    if (answer !== undefined) room[field] = answer;
  }
  const origins = answers.get('room-origins');
  if (origins !== undefined) room['origins'] = origins.split(/[\s,]+/).filter((origin) => origin !== '');
  return room;
}

/** What the settings say of one of them, in their own words. */
function faultOf(flags: Flags, name: string, readText: ReadText): string | undefined {
  const reading = readConfig({ flags, env: {}, fileText: undefined, readText });
  if (reading.kind === 'config') return undefined;
  const found = reading.faults.find(
    (fault) => fault.name === name || fault.name === `${name}File` || fault.name.startsWith(`${name}.`),
  );
  return found?.detail;
}
