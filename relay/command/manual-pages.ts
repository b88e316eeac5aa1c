import type { CommandName } from './command-line.ts';

/** What a command's page says, section by section. */
export interface ManualPage {
  summary: string;
  synopsis: readonly string[];
  /** Paragraphs. */
  description: readonly string[];
  /** Of the command itself, without settings and `--help`. */
  options: readonly (readonly [flag: string, meaning: string])[];
  /** Where they say more than elsewhere. */
  exitCodes?: { '0'?: string; '1'?: string; '2'?: string };
  examples: readonly (readonly [line: string, what: string])[];
  /** Whether it reads the settings. */
  files: boolean;
}

/** What commands there are. */
export const OVERVIEW = `conf-relay — lets many people listen to a phone conference on a web page

  conf-relay init                  ask for the settings and write them
  conf-relay check                 look at settings, machine and phone account: what is wrong, and what to do
  conf-relay serve                 run the relay   [--insecure: in spite of unsafe settings]
  conf-relay rooms                 list the rooms of the running relay
  conf-relay token <room>          print a ticket   [--scope listen|publish|admin] [--ttl 8h]
  conf-relay checktoken <ticket>   say whether it is right   [-: reads it from standard input]
  conf-relay settings              list all settings
  conf-relay schema                print the JSON schema of the settings file
  conf-relay version
  conf-relay help <command>        say more of one

Settings: flags > environment (CONF_…) > .env > conf-relay.json (--config FILE) > defaults.
For scripts: --json on check, rooms, token, settings and version.
Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
`;

const SETTING_OPTION = [
  '--<setting> VALUE',
  'any setting, such as --port 8080; "conf-relay settings" lists them',
] as const;
const JSON_OPTION = ['--json', 'prints JSON, for scripts'] as const;

/** The page of each command. */
export const MANUAL_PAGES: Readonly<Record<CommandName, ManualPage>> = {
  serve: {
    summary: 'runs the relay',
    synopsis: ['conf-relay serve [--config FILE] [--insecure] [--<setting> VALUE]...'],
    description: [
      'Listens for listeners, calls the conference when the first one comes, and hangs up when the last one has gone. Logs JSON lines on standard output.',
      'SIGTERM and SIGINT end it: it says goodbye to listeners and hangs up, which takes at most 25 s. A second signal ends it at once.',
    ],
    options: [['--insecure', 'starts in spite of unsafe settings, and names them'], SETTING_OPTION],
    exitCodes: { '0': 'ended by a signal', '1': 'the relay failed, or was ended at once' },
    examples: [
      ['conf-relay serve', 'with the settings of conf-relay.json and .env'],
      ['conf-relay serve --port 8081 --log-level debug', 'on another port, saying more'],
    ],
    files: true,
  },
  check: {
    summary: 'says what is wrong, and what to do',
    synopsis: ['conf-relay check [--offline] [--json] [--<setting> VALUE]...'],
    description: [
      'Looks at the settings; at this machine: Node, open files, data directory, disk, ports; from outside: whether the public address leads here, by HTTP and by WebSocket; and at the phone account: key, clock, webhooks, signed callbacks, region, linked numbers. Changes nothing. A relay may be running.',
      'Prints a line for each: "ok", "warn", "FAIL", or "--" for what could not be checked. What is looked at with the API secret (vonage.apiSecret) is not checked without it.',
    ],
    options: [['--offline', 'asks neither the platform nor the public address'], JSON_OPTION, SETTING_OPTION],
    exitCodes: { '0': 'nothing failed', '1': 'something failed', '2': 'the settings are wrong' },
    examples: [
      ['conf-relay check', 'before the first start, and whenever something does not work'],
      ['conf-relay check --offline --json', 'settings and machine only, for scripts'],
    ],
    files: true,
  },
  init: {
    summary: 'asks for the settings and writes them',
    synopsis: ['conf-relay init [--yes] [--force] [--<answer> VALUE]... [--<setting> VALUE]...'],
    description: [
      'Asks for what a relay needs, and writes conf-relay.json (with what each setting means) and .env with the secrets, which only you may read. Secrets are not shown while they are typed; those that sign tickets and open the admin listener are made here. A wrong answer is asked again.',
      'Each answer may be a flag instead: --public-url, --vonage-application-id, --vonage-private-key-file, --vonage-api-key, --vonage-signature-secret, --vonage-api-secret, --vonage-from, and those below. Secrets in flags are seen by other users of the machine; give --vonage-signature-secret-file, or type them.',
    ],
    options: [
      ['--room-id ID', 'of the first room; allhands'],
      ['--room-title TEXT', 'what people read'],
      [
        '--room-source vonage|l16',
        'l16: a publisher sends the sound, and no Vonage account is needed; vonage',
      ],
      ['--room-access open|origin|ticket', 'who may listen; ticket'],
      ['--room-origins LIST', 'sites whose pages may play it, with commas between'],
      ['--admin yes|no', 'an admin listener on this machine; yes'],
      ['--yes', 'asks nothing; what no flag answers gets its default'],
      ['--force', 'writes over files that are there'],
      SETTING_OPTION,
    ],
    exitCodes: { '2': 'wrong usage or answers; nothing was written' },
    examples: [
      ['conf-relay init', 'asks for everything'],
      [
        'conf-relay init --yes --public-url https://relay.example --room-source l16',
        'a relay fed by a publisher, without a question',
      ],
    ],
    files: true,
  },
  token: {
    summary: 'prints a ticket',
    synopsis: ['conf-relay token <room> [--scope SCOPE] [--ttl TIME] [--json]'],
    description: [
      'Signs a ticket with ticketSecret. The ticket is on the first line; then comes what to do with it.',
      'The room "*" is all rooms, for --scope admin only.',
    ],
    options: [
      [
        '--scope listen|publish|admin',
        'to hear the room, to send its sound, or to send its listeners out; listen',
      ],
      ['--ttl TIME', 'how long it is good: 30s, 15m, 8h or 7d, at most 366d; 8h'],
      JSON_OPTION,
      SETTING_OPTION,
    ],
    examples: [
      ['conf-relay token allhands', 'a ticket to listen today, and a personal link'],
      ['conf-relay token allhands --scope publish --ttl 7d', 'for what sends the sound'],
    ],
    files: true,
  },
  checktoken: {
    summary: 'says whether a ticket is right',
    synopsis: ['conf-relay checktoken <ticket>', 'conf-relay checktoken -'],
    description: [
      'Says what a ticket is for and how long, or why it is wrong. Never prints it. With - it is read from standard input.',
    ],
    options: [SETTING_OPTION],
    exitCodes: { '0': 'it is right', '1': 'it is wrong' },
    examples: [['conf-relay checktoken -', 'keeps the ticket out of the list of processes']],
    files: true,
  },
  rooms: {
    summary: 'lists the rooms of the running relay',
    synopsis: ['conf-relay rooms [--json] [--<setting> VALUE]...'],
    description: [
      'Asks the admin listener (admin.host, admin.port, admin.key) of the relay that runs with these settings: each room with its state, its listeners now and at most, and how long its leg into the conference has been up.',
    ],
    options: [['--json', 'prints all that the relay says, for scripts'], SETTING_OPTION],
    exitCodes: { '1': 'the relay does not run, or refuses the key' },
    examples: [['conf-relay rooms', 'a table']],
    files: true,
  },
  settings: {
    summary: 'lists all settings',
    synopsis: ['conf-relay settings [--json]'],
    description: ['Prints each setting with its flag, its variable, its default and what it means.'],
    options: [JSON_OPTION],
    examples: [['conf-relay settings', 'all of them']],
    files: true,
  },
  schema: {
    summary: 'prints the JSON schema of the settings file',
    synopsis: ['conf-relay schema'],
    description: [
      'For editors, which complete and check conf-relay.json by it: the file names it as "$schema".',
    ],
    options: [],
    examples: [['conf-relay schema > conf-relay.schema.json', 'a copy beside the settings']],
    files: false,
  },
  version: {
    summary: 'prints the version',
    synopsis: ['conf-relay version [--json]'],
    description: ['Prints the version of the relay; with --json that of Node too.'],
    options: [JSON_OPTION],
    examples: [['conf-relay version --json', 'both versions']],
    files: false,
  },
  help: {
    summary: 'says how a command is used',
    synopsis: ['conf-relay help [command]'],
    description: ['Lists the commands, or shows the page of one.'],
    options: [],
    examples: [['conf-relay help check', 'the page of check']],
    files: false,
  },
};
