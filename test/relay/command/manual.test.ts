import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  COMMAND_NAMES,
  ownFlags,
  readCommandLine,
  type CommandName,
} from '../../../relay/command/command-line.ts';
import { MANUAL_PAGES, OVERVIEW } from '../../../relay/command/manual-pages.ts';
import { manualText } from '../../../relay/command/manual.ts';
import { SETTING_NAMES } from '../../../relay/config/settings.ts';
import { Desk } from './conf-relay.ts';

const SECTIONS = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT CODES', 'EXAMPLES'];

/** Words of a line that a shell would make of it, without what goes to a file. */
const wordsOf = (line: string): string[] => line.replace(/ > .*/, '').split(' ').slice(1);

describe.each(COMMAND_NAMES)('the page of %s', (command) => {
  const text = manualText(command);

  test('has 6 or 7 sections, its exit codes 0 to 2 among them, and no line over 100 characters', () => {
    const files = MANUAL_PAGES[command].files ? ['FILES'] : [];
    expect(text.match(/^[A-Z ]+$/gm)).toEqual([...SECTIONS, ...files]);
    const [, codes = ''] = /EXIT CODES\n([\s\S]*?)\n\n/.exec(text) ?? [];
    expect(codes.match(/^ {4}\d$/gm)).toEqual(['    0', '    1', '    2']);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('names every flag that only it has, and its examples are right', () => {
    const named = MANUAL_PAGES[command].options.map(([flag]) => /^--([a-z-]+)/.exec(flag)?.[1] ?? '');
    expect(ownFlags(command).filter((flag) => !named.includes(flag))).toEqual([]);
    for (const [line] of MANUAL_PAGES[command].examples) {
      expect([line, readCommandLine(wordsOf(line))]).toEqual([
        line,
        expect.objectContaining({ kind: 'command', line: expect.objectContaining({ command }) }),
      ]);
    }
  });

  test('is in the overview', () => {
    expect(OVERVIEW).toContain(`conf-relay ${command}`);
  });
});

describe('a command line', () => {
  test.each<[string, CommandName, string]>([
    ['', 'help', ''],
    ['--version', 'version', ''],
    ['token allhands --ttl 1h', 'token', 'allhands'],
    ['help check', 'help', 'check'],
  ])('"%s" is %s of "%s"', (text, command, object) => {
    const args = text === '' ? [] : text.split(' ');
    expect(readCommandLine(args)).toMatchObject({ kind: 'command', line: { command, object } });
  });

  test.each([
    ['frob', '"frob" is not a command'],
    ['check allhands', 'check: too many words'],
    ['token a b', 'token: too many words'],
    ['check --ttl 1h', '--ttl is not for check'],
    ['version --port 1', '--port is not for version'],
    ['serve --prot 1', "Unknown option '--prot'"],
  ])('"%s" is refused: %s', (text, detail) => {
    expect(readCommandLine(text.split(' '))).toEqual({
      kind: 'fault',
      detail: expect.stringContaining(detail),
    });
  });
});

describe('as a process', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });
  afterEach(() => desk.clear());

  test('check --help, check -h and help check say the same, with code 0; help of nothing known is code 2', async () => {
    const [long, short, help, unknown] = await Promise.all([
      desk.run(['check', '--help']),
      desk.run(['check', '-h']),
      desk.run(['help', 'check']),
      desk.run(['help', 'frob']),
    ]);
    expect([long, short, help]).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, stdout: manualText('check'), stderr: '' })),
    );
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
  });

  test('settings lists every one, and so does --json, with default and variable', async () => {
    const { stdout } = await desk.run(['settings']);
    expect(stdout.match(/^[a-z][\w.]+(?= {2}\()/gim)).toEqual(SETTING_NAMES);
    const { code, stdout: json } = await desk.run(['settings', '--json']);
    const list: { name: string; variable: string; fallback: string; secret: boolean }[] = JSON.parse(json);
    expect([code, list.map(({ name }) => name)]).toEqual([0, SETTING_NAMES]);
    expect(list.find(({ name }) => name === 'port')).toMatchObject({
      variable: 'CONF_PORT',
      fallback: '8080',
    });
    expect(list.filter(({ secret }) => secret).map(({ name }) => name)).toContain('vonage.apiSecret');
  });

  test('version --json and schema are JSON', async () => {
    const version: object = JSON.parse((await desk.run(['version', '--json'])).stdout);
    expect(version).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.versions.node,
    });
    const schema: object = JSON.parse((await desk.run(['schema'])).stdout);
    expect(schema).toMatchObject({ properties: { port: { default: 8080 } } });
  });
});
