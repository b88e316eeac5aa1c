import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccount } from '../../../demo/account.ts';
import { freePort } from '../../../demo/free-port.ts';
import { startSimulator } from '../../../demo/simulator/simulator.ts';
import { readCommentedJson } from '../../../relay/config/strict-json.ts';
import { until } from '../../support/until.ts';
import { CLI, Desk } from './conf-relay.ts';

const account = createAccount();
/** Of no shape that is looked for: it must be found as it is. */
const SIGNATURE_SECRET = `a signature # secret, ${account.signatureSecret}`;

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('vonage.key', account.privateKey);
  for (const secret of [SIGNATURE_SECRET, account.signatureSecret, account.apiSecret, account.privateKey])
    desk.leaks.learn('secret', secret);
});
afterEach(() => desk.clear());

const read = (name: string): string => readFileSync(join(desk.dir, name), 'utf8');
const modeOf = (name: string): string => (statSync(join(desk.dir, name)).mode & 0o777).toString(8);

/** What a person types, question by question. */
const ANSWERS = [
  'https://Relay.example',
  account.applicationId,
  'vonage.key',
  account.apiKey,
  SIGNATURE_SECRET,
  account.apiSecret,
  '442079460000',
  'board',
  'The board',
  'origin',
  'https://intranet.example, https://*.corp.example',
  'yes',
];

/** The settings that those answers make. */
const SETTINGS = {
  $schema: expect.stringMatching(/relay\/conf-relay\.schema\.json$/),
  publicUrl: 'https://relay.example',
  rooms: [
    {
      id: 'board',
      title: 'The board',
      source: 'vonage',
      access: 'origin',
      origins: ['https://intranet.example', 'https://*.corp.example'],
    },
  ],
  trustProxy: 1,
  vonage: {
    applicationId: account.applicationId,
    privateKeyFile: 'vonage.key',
    apiKey: account.apiKey,
    from: '442079460000',
  },
};

describe('conf-relay init', () => {
  test('12 answers make a commented settings file, and secrets of mode 600 that nothing printed', async () => {
    const { code, stdout, stderr } = await desk.run(['init'], { input: `${ANSWERS.join('\n')}\n` });
    expect([code, stderr]).toEqual([0, '']);
    const text = read('conf-relay.json');
    expect(readCommentedJson(text)).toEqual({ kind: 'value', value: SETTINGS });
    expect(
      text.match(/^ *"(publicUrl|rooms|trustProxy|applicationId|privateKeyFile|apiKey|from)"/gm),
    ).toHaveLength(7);
    expect(text.match(/^ *\/\/ .*\n *"/gm)).toHaveLength(7);
    const secrets = read('.env');
    expect(secrets).toContain(`CONF_VONAGE_SIGNATURE_SECRET='${SIGNATURE_SECRET}'\n`);
    expect(secrets).toContain(`CONF_VONAGE_API_SECRET=${account.apiSecret}\n`);
    const made = [...secrets.matchAll(/^CONF_(?:TICKET_SECRET|ADMIN_KEY)=(.+)$/gm)].map(
      ([, value = '']) => value,
    );
    expect(made.map((value) => Buffer.from(value, 'base64').length)).toEqual([32, 32]);
    expect(made.filter((value) => (stdout + text).includes(value))).toEqual([]);
    expect([modeOf('.env'), modeOf('conf-relay.json'), desk.files()]).toEqual([
      '600',
      '644',
      ['.env', 'conf-relay.json', 'vonage.key'],
    ]);
    for (const step of [
      '/vonage/answer',
      '/vonage/event',
      'conf-relay check',
      'conf-relay serve',
      '/listen/board',
    ])
      expect(stdout).toContain(step);
    expect((await desk.run(['check', '--offline'])).code).toBe(0);
  });

  test('a wrong answer is asked again in the words of the setting: 5 times here', async () => {
    const wrong = new Map([
      [0, 'http://relay.example'],
      [2, 'none.key'],
      [6, '+44 20'],
      [7, 'The Board'],
      [9, 'all'],
    ]);
    const input = ANSWERS.flatMap((answer, at) => (wrong.has(at) ? [wrong.get(at), answer] : [answer])).join(
      '\n',
    );
    const { code, stderr } = await desk.run(['init'], { input: `${input}\n` });
    expect([code, stderr.trimEnd().split('\n')]).toEqual([
      0,
      [
        expect.stringMatching(/^conf-relay: --public-url is not https: /),
        expect.stringMatching(
          /^conf-relay: --vonage-private-key-file names a file that cannot be read \(ENOENT\)/,
        ),
        'conf-relay: --vonage-from is not 5 to 15 digits without +',
        expect.stringMatching(/^conf-relay: --room-id "The Board" is not a room id/),
        expect.stringMatching(/^conf-relay: --room-access "all" is not /),
      ],
    ]);
    expect(readCommentedJson(read('conf-relay.json'))).toEqual({ kind: 'value', value: SETTINGS });
  });

  test('a file that holds no key is no answer', async () => {
    desk.write('no.key', 'nothing');
    const input = ANSWERS.flatMap((answer, at) => (at === 2 ? ['no.key', answer] : [answer])).join('\n');
    const { stderr } = await desk.run(['init'], { input: `${input}\n` });
    expect(stderr).toBe(
      'conf-relay: --vonage-private-key-file is not a PEM private key; give the file that the dashboard made\n',
    );
  });

  test('answers that end too soon: nothing is written, code 2', async () => {
    const { code, stderr } = await desk.run(['init'], { input: `${ANSWERS.slice(0, 5).join('\n')}\n` });
    expect([code, stderr, desk.files()]).toEqual([
      2,
      'conf-relay: init: no more answers; nothing was written\n',
      ['vonage.key'],
    ]);
  });

  test('files that are there stay, unless --force; then secrets are of mode 600 again', async () => {
    desk.write('.env', 'mine');
    const flags = ['init', '--yes', '--public-url', 'https://relay.example', '--room-source', 'l16'];
    const { code, stderr } = await desk.run(flags);
    expect([code, stderr, read('.env')]).toEqual([
      2,
      'conf-relay: init: there is .env already; --force writes over it\n',
      'mine',
    ]);
    expect((await desk.run([...flags, '--force'])).code).toBe(0);
    expect([modeOf('.env'), desk.files()]).toEqual(['600', ['.env', 'conf-relay.json', 'vonage.key']]);
  });

  test('--yes without the answers that have no default names all 5, code 2', async () => {
    const { code, stderr } = await desk.run(['init', '--yes', '--vonage-private-key-file', 'vonage.key']);
    expect([code, stderr.match(/^conf-relay: init: --[a-z-]+ is missing$/gm)]).toEqual([
      2,
      ['public-url', 'vonage-application-id', 'vonage-api-key', 'vonage-signature-secret', 'vonage-from'].map(
        (flag) => `conf-relay: init: --${flag} is missing`,
      ),
    ]);
    expect(desk.files()).toEqual(['vonage.key']);
  });

  test('by flags only, with settings beside the answers: what it writes, check finds right with the platform', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const simulator = await startSimulator({
      ...account,
      answerUrl: `${url}/vonage/answer`,
      eventUrl: `${url}/vonage/event`,
    });
    writeFileSync(join(desk.dir, 'signature'), account.signatureSecret, { mode: 0o600 });
    const answers = {
      'public-url': url,
      port: String(port),
      'vonage-application-id': account.applicationId,
      'vonage-private-key-file': 'vonage.key',
      'vonage-api-key': account.apiKey,
      'vonage-signature-secret-file': 'signature',
      'vonage-api-secret': account.apiSecret,
      'vonage-from': '442079460000',
      'vonage-api-host': simulator.url,
      'vonage-rest-host': simulator.url,
      'limits-connections': '100',
      admin: 'no',
    };
    try {
      const flags = Object.entries(answers).flatMap(([flag, value]) => [`--${flag}`, value]);
      expect(await desk.run(['init', '--yes', ...flags])).toMatchObject({ code: 0, stderr: '' });
      expect(readCommentedJson(read('conf-relay.json'))).toMatchObject({
        value: { port, limits: { connections: 100 } },
      });
      expect(read('.env').match(/^CONF_\w+(?==)/gm)).toEqual([
        'CONF_VONAGE_API_SECRET',
        'CONF_TICKET_SECRET',
      ]);
      const { code, stdout } = await desk.run(['check']);
      expect([code, stdout.match(/\d+ failed, \d+ not checked/)?.[0]]).toEqual([
        0,
        '0 failed, 0 not checked',
      ]);
    } finally {
      await simulator.close();
    }
  });
});

const HAS_SCRIPT = spawnSync('script', ['--version']).status === 0;

test.skipIf(!HAS_SCRIPT)('on a terminal, what is typed is shown, but for the 2 secrets', async () => {
  const child = spawn('script', ['-qec', `${process.execPath} ${CLI} init`, '/dev/null'], {
    cwd: desk.dir,
    env: { PATH: process.env['PATH'], TERM: 'dumb' },
  });
  let shown = '';
  child.stdout.on('data', (part: Buffer) => (shown += part.toString()));
  const ended = once(child, 'close');
  let from = 0;
  for (const answer of ANSWERS) {
    await until('it asks', () => plain(shown.slice(from)).endsWith(': '));
    from = shown.length;
    child.stdin.write(`${answer}\r`);
  }
  const [code] = await ended;
  expect([code, desk.files()]).toEqual([0, ['.env', 'conf-relay.json', 'vonage.key']]);
  expect(desk.leaks.leaksIn(shown)).toEqual([]);
  expect(plain(shown)).toContain(': https://Relay.example');
  expect(read('.env')).toContain(SIGNATURE_SECRET);
});

/** Without what moves the cursor. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\u001B\[[\d;?]*[A-Za-z]/g, '');
}
