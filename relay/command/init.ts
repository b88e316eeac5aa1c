import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { flagName } from '../config/setting-sources.ts';
import { SETTING_NAMES, isSecret, mayBeFile } from '../config/settings.ts';
import { DOT_ENV } from './dot-env.ts';
import type { Prompt } from './prompt.ts';
import { questions, roomOf, type Answers, type Question } from './questions.ts';
import { SETTINGS_FILE, loadConfig, type Flags } from './settings-files.ts';
import { secretsText, settingsText, writtenValue } from './settings-text.ts';
import { refuse, warn, type ExitCode, type Terminal } from './terminal.ts';

/** What `conf-relay init` needs. */
export interface InitParts {
  terminal: Terminal;
  /** Opened when the first question is asked. */
  openPrompt: () => Prompt;
  /** Reads a file; throws when it cannot. */
  readText: (path: string) => string;
  /** Secrets, 32 random bytes in base64 each. */
  newSecret: () => string;
  /** Where the settings file's schema lies, as seen from here. */
  schema: string;
}

/** How it is asked: `flags` answer questions and set whatever else there is. */
export interface InitWishes {
  flags: Flags;
  /** Asks nothing: what no flag answers gets its default. */
  yes: boolean;
  force: boolean;
}

const MAX_ANSWER_CHARS = 10_000;

/** Asks, and writes the settings file and `.env`; nothing is written unless the relay would start with it. */
export async function init({ flags, yes, force }: InitWishes, parts: InitParts): Promise<ExitCode> {
  const { terminal, readText } = parts;
  if (flags['config'] !== undefined || flags['rooms'] !== undefined || flags['rooms-file'] !== undefined) {
    return refuse(
      terminal,
      `init: writes ${SETTINGS_FILE} with one room here; --config and --rooms are not for it`,
    );
  }
  const there = [SETTINGS_FILE, DOT_ENV].filter((file) => existsSync(file));
  if (there.length > 0 && !force) {
    return refuse(terminal, `init: there is ${there.join(' and ')} already; --force writes over it`);
  }
  const answers = yes ? answersOf(flags, parts) : await askAll(flags, parts);
  if (!answers) return 2;
  const texts = textsOf(answers, flags, parts);
  const inMemory = (path: string): string => texts.get(path) ?? readText(path);
  const reading = loadConfig({ flags: {}, env: {}, readText: inMemory });
  if (reading.kind === 'faults') {
    for (const { name, detail } of reading.faults) warn(terminal, `init: ${name} ${detail}`);
    return 2;
  }
  for (const [path, text] of texts) writeWhole(path, text, path === DOT_ENV ? 0o600 : 0o644);
  terminal.out(nextSteps(answers));
  return 0;
}

/** The flags and the defaults; undefined where that does not do. */
function answersOf(flags: Flags, { terminal, readText }: InitParts): Answers | undefined {
  const answers = new Map<string, string>();
  let isRight = true;
  for (const question of questions(readText)) {
    if (!question.applies(answers) || isElsewhere(question, flags)) continue;
    const answer = flags[question.flag] ?? question.fallback?.(answers) ?? '';
    const fault = faultOf(question, answer, answers);
    if (fault === undefined) answers.set(question.flag, answer);
    else warn(terminal, `init: --${question.flag} ${fault}`);
    isRight &&= fault === undefined;
  }
  return isRight ? answers : undefined;
}

async function askAll(
  flags: Flags,
  { terminal, readText, openPrompt }: InitParts,
): Promise<Answers | undefined> {
  const answers = new Map<string, string>();
  const prompt = openPrompt();
  try {
    for (const question of questions(readText)) {
      if (!question.applies(answers) || isElsewhere(question, flags)) continue;
      const given = flags[question.flag] ?? (question.flag === 'room-source' ? 'vonage' : undefined);
      const answer = await askUntilRight(question, given, answers, prompt, terminal);
      if (answer === undefined) {
        refuse(terminal, 'init: no more answers; nothing was written');
        return undefined;
      }
      answers.set(question.flag, answer);
    }
    return answers;
  } finally {
    prompt.close();
  }
}

async function askUntilRight(
  question: Question,
  given: string | undefined,
  answers: Answers,
  prompt: Prompt,
  terminal: Terminal,
): Promise<string | undefined> {
  const { text, isSecret: isHidden = false } = question;
  const fallback = question.fallback?.(answers);
  const shown = fallback === undefined || fallback === '' ? `${text}: ` : `${text} [${fallback}]: `;
  for (let answer = given; ;) {
    answer ??= await prompt.ask(shown, isHidden);
    if (answer === undefined) return undefined;
    const meant = answer.trim() || (fallback ?? '');
    const fault = faultOf(question, meant, answers);
    if (fault === undefined) return meant;
    warn(terminal, `--${question.flag} ${fault}`);
    answer = undefined;
  }
}

function faultOf({ fault, fallback }: Question, answer: string, answers: Answers): string | undefined {
  if (answer.length > MAX_ANSWER_CHARS) return 'is too long';
  if (answer === '') return fallback?.(answers) === '' ? undefined : 'is missing';
  return fault(answer, answers);
}

/** Whether it is given in a file of its own; or as a text, where a file is asked for. */
function isElsewhere({ flag }: Question, flags: Flags): boolean {
  const twin = flag.endsWith('-file') ? flag.replace(/-file$/, '') : `${flag}-file`;
  return flags[twin] !== undefined;
}

/** Both files, by their path. */
function textsOf(answers: Answers, flags: Flags, { newSecret, schema }: InitParts): Map<string, string> {
  const given = new Map([...Object.entries(flags), ...answers]);
  const values = new Map<string, unknown>();
  const secrets = new Map<string, string>();
  for (const name of SETTING_NAMES) {
    const text = given.get(flagName(name));
    if (text !== undefined && text !== '') {
      if (isSecret(name)) secrets.set(name, text.trim().replaceAll('\n', String.raw`\n`));
      else values.set(name, writtenValue(name, text));
    }
    const path = mayBeFile(name) ? given.get(`${flagName(name)}-file`) : undefined;
    if (path !== undefined) values.set(`${name}File`, path);
  }
  values.set('rooms', [roomOf(answers)]);
  // The relay speaks no TLS itself: there is a proxy.
  if (!values.has('trustProxy') && String(values.get('publicUrl')).startsWith('https:'))
    values.set('trustProxy', 1);
  if (!secrets.has('ticketSecret') && !values.has('ticketSecretFile'))
    secrets.set('ticketSecret', newSecret());
  const isWithAdmin =
    answers.get('admin') === 'yes' && !secrets.has('admin.key') && !values.has('admin.keyFile');
  if (isWithAdmin) secrets.set('admin.key', newSecret());
  return new Map([
    [SETTINGS_FILE, settingsText(values, schema)],
    [DOT_ENV, secretsText(secrets)],
  ]);
}

/** Whole or not at all, and never readable by more than it should be. */
function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode, flag: 'wx' });
  renameSync(draft, path);
}

function nextSteps(answers: Answers): string {
  const publicUrl = new URL(answers.get('public-url') ?? '').origin;
  const room = answers.get('room-id') ?? '';
  const listen =
    answers.get('room-access') === 'ticket' ? `conf-relay token ${room}` : `open ${publicUrl}/listen/${room}`;
  const dashboard = `in the Vonage dashboard, in the application's Voice settings: answer URL ${publicUrl}/vonage/answer,
     event URL ${publicUrl}/vonage/event, signed webhooks on; link the number`;
  const steps = [
    ...(answers.get('room-source') === 'vonage' ? [dashboard] : []),
    ...(publicUrl.startsWith('https:')
      ? [`let a TLS proxy pass ${publicUrl} on (relay/deploy has configurations)`]
      : []),
    'conf-relay check    says what is not right yet',
    'conf-relay serve    runs the relay',
    `${listen}    is where to listen`,
  ];
  const list = steps.map((step, index) => `  ${index + 1}. ${step}\n`).join('');
  return `Written: ${SETTINGS_FILE} (the settings) and ${DOT_ENV} (the secrets; only you may read it).\n\nNext:\n${list}`;
}
