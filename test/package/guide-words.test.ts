import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../relay/command/command-line.ts';
import { changesBetween, type ChangeMoment } from '../../relay/config/config-change.ts';
import { readConfig } from '../../relay/config/config.ts';
import { RoomSettingsSchema } from '../../relay/config/room-settings.ts';
import { envName } from '../../relay/config/setting-sources.ts';
import { SETTING_NAMES, mayBeFile } from '../../relay/config/settings.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = 'relay/README.md';
const GUIDES = [GUIDE, 'relay/TROUBLESHOOTING.md'];
/** Whose links are looked at too. */
const OTHER_TEXTS = [
  'CHANGELOG.md',
  'README.md',
  'SECURITY.md',
  'component/README.md',
  'demo/simulator/README.md',
  'relay/deploy/METRICS.md',
  'wire/PROTOCOL.md',
];
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const sources = readdirSync(join(ROOT, 'relay'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: `relay/${file}`, text: read(`relay/${file}`) }));

/** Every event that the sources log, with its level; `…` for what an operator's action puts in. */
const events = new Map(
  sources.flatMap(({ text }) =>
    [...text.matchAll(/\.(debug|info|warn|error)\(\s*['`]([a-z]+\.[a-z-]+|[a-z]+\.\$\{[^}]+\})['`]/g)].map(
      ([, level = '', event = '']) => [event.replace(/\$\{.*\}/, '…'), level] as const,
    ),
  ),
);

/** Rows of the table between two markers of the guide, as cells without their backticks. */
function rowsOf(marker: string): string[][] {
  const [, table = ''] =
    new RegExp(`<!-- ${marker} -->([\\s\\S]*?)<!-- /${marker} -->`).exec(read(GUIDE)) ?? [];
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** What a text has between backticks, outside of blocks of code. */
function wordsIn(file: string): string[] {
  const prose = read(file)
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .replaceAll(/<!-- docs:\w+ -->[\s\S]*?<!-- \/docs -->/g, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);
}

/** Words of a shape in the guides that are not what they seem to be. */
function strangers(shape: RegExp, isKnown: (word: string) => boolean): string[] {
  return GUIDES.flatMap((file) =>
    wordsIn(file)
      .flatMap((word) => shape.exec(word)?.slice(1) ?? [])
      .filter((word) => !isKnown(word))
      .map((word) => `${file}: ${word}`),
  );
}

test('the table of log events has every event that the relay logs, with its level, and no other', () => {
  const shown = rowsOf('log events').map(([event = '', level = '']) => [event, level]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(events));
  expect(shown.length).toBe(events.size);
});

test('what is logged has its name in the source, where this finds it', () => {
  const unnamed = sources.flatMap(({ file, text }) =>
    /\b(?:[sS]eldomLog|#?log)\.(?:debug|info|warn|error)\(\s*[^'`\s)]/.test(text) ? [file] : [],
  );
  // Both only pass on what others say.
  expect(unnamed.toSorted()).toEqual(['relay/log.ts', 'relay/seldom-log.ts']);
});

test('the table of changed settings says when each counts', () => {
  const reading = readConfig({
    flags: {},
    env: {},
    fileText: JSON.stringify({ rooms: [{ id: 'allhands', source: 'l16' }] }),
    readText: () => '',
  });
  if (reading.kind === 'faults') throw new Error(JSON.stringify(reading.faults));
  const { config } = reading;
  const [room] = config.rooms;
  const moments = new Map<string, string[]>();
  const note = (name: string, changed: object): void => {
    const when: ChangeMoment | undefined = changesBetween(config, Object.assign({}, config, changed))[0]
      ?.when;
    moments.set(String(when), [...(moments.get(String(when)) ?? []), name]);
  };
  const [ofRelay, ofRoom] = [config, room].map((object) => Object.keys(Object(object)));
  for (const name of ofRelay ?? [])
    if (name !== 'rooms' && name !== 'unsafe') note(name, { [name]: 'another' });
  for (const name of ofRoom ?? []) if (name !== 'id') note(name, { rooms: [{ ...room, [name]: 'another' }] });
  const shown = rowsOf('when it counts').map(
    ([, names = '']) => names.match(/\b[a-z]+[A-Z]\w*|\b[a-z]+(?=[,;]|$)/g) ?? [],
  );
  const wanted = ['now', 'at-rest', 'restart'].map((when) => moments.get(when)?.toSorted());
  const known = new Set([...moments.values()].flat());
  expect(shown.map((names) => names.filter((name) => known.has(name)).toSorted())).toEqual(wanted);
});

test('every event, metric, variable, command and setting that the guides name is there', () => {
  const metrics = read('relay/deploy/METRICS.md');
  const variables = new Set(
    SETTING_NAMES.flatMap((name) =>
      mayBeFile(name) ? [envName(name), `${envName(name)}_FILE`] : [envName(name)],
    ),
  );
  const settings = new Set<string>([...SETTING_NAMES, ...Object.keys(RoomSettingsSchema.entries)]);
  const prefixes = [...new Set([...events.keys()].map((event) => event.split('.')[0]))].join('|');
  expect(
    strangers(
      new RegExp(`^((?:${prefixes})\\.[a-z-]+)$`),
      (event) => events.has(event) || settings.has(event) || ['history.db', 'relay.example'].includes(event),
    ),
  ).toEqual([]);
  expect(strangers(/^(conf_\w+|process_\w+)/, (metric) => metrics.includes(`\`${metric}\``))).toEqual([]);
  expect(strangers(/^(CONF_\w+)$/, (variable) => variables.has(variable))).toEqual([]);
  expect(
    strangers(/^(?:sudo )?conf-relay ([a-z]+)/, (command) => COMMAND_NAMES.some((name) => name === command)),
  ).toEqual([]);
  const fields = new Set(['lagMs', 'proxy_buffering']);
  expect(strangers(/^"?([a-z]+[A-Z]\w*)"?$/, (name) => settings.has(name) || fields.has(name))).toEqual([]);
  expect(
    strangers(
      /^((?:limits|vonage|admin|metrics|egress)\.\w+)$/,
      (name) => settings.has(name) || events.has(name),
    ),
  ).toEqual([]);
});

test('every code that the guides name is one that the sources have', () => {
  const foreign = new Set([
    'auth-request',
    'connect-src',
    'content-security-policy',
    'frame-src',
    'script-src',
    'token-url',
    'conf-relay',
    'conf-relay-settings',
  ]);
  const quoted = sources.map(({ text }) => text).join('\n');
  const isKnown = (code: string): boolean =>
    foreign.has(code) ||
    /^http-\d{3}$/.test(code) ||
    quoted.includes(`'${code}'`) ||
    // Put together where they are logged.
    quoted.includes(`'${code.replace(/^(?:signature|ticket)-/, '')}'`);
  expect(strangers(/^([a-z]+(?:-[a-z0-9]+)+)$/, isKnown)).toEqual([]);
});

/** As the page of a repository makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

test('every link leads to a file, and to a heading of it', () => {
  const broken = [...GUIDES, ...OTHER_TEXTS].flatMap((file) =>
    [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^https?:/.test(target)) return [];
      const [path = '', anchor] = target.split('#');
      const at = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, at))) return [`${file}: ${target}`];
      const headings = anchor === undefined ? [] : [...read(at).matchAll(/^#+ (.*)$/gm)];
      const isThere =
        anchor === undefined || headings.some(([, heading = '']) => anchorOf(heading) === anchor);
      return isThere ? [] : [`${file}: ${target}`];
    }),
  );
  expect(broken).toEqual([]);
});

test('the guides say of the unit, the proxy and the image what stands in them', () => {
  const guides = GUIDES.map(read).join('\n');
  for (const [file, words] of [
    [
      'relay/deploy/conf-relay.service',
      ['LimitNOFILE=65536', 'conf-relay-settings', '/opt/conf-relay', '/etc/conf-relay'],
    ],
    ['relay/deploy/nginx.conf', ['relay.example', '127.0.0.1:8080', 'proxy_buffering off']],
    ['relay/deploy/Caddyfile', ['relay.example', '127.0.0.1:8080']],
    ['relay/deploy/Dockerfile', ['1000:1000', '/etc/conf-relay', '/var/lib/conf-relay']],
  ] as const) {
    for (const word of words)
      expect([file, word, read(file).includes(word), guides.includes(word)]).toEqual([
        file,
        word,
        true,
        true,
      ]);
  }
});
