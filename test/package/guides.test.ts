import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAccount } from '../../demo/account.ts';
import { readConfig } from '../../relay/config/config.ts';
import { readCommentedJson } from '../../relay/config/strict-json.ts';
import { Desk } from '../relay/command/conf-relay.ts';
import { itemsOf } from '../support/guide.ts';
import { GuideDesk, type Done } from '../support/guide-desk.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDES = ['README.md', 'relay/README.md', 'relay/TROUBLESHOOTING.md'];

/** Commands that are not run here, and who runs them, or why nobody does. */
const NOT_HERE: readonly (readonly [command: RegExp, why: string])[] = [
  [/^npm ci && npm start$/, 'test/e2e/start.test.ts starts what npm start starts'],
  [/^npm ci && npm test$/, 'is what runs this'],
  [
    /^(sudo )?npm (ci --ignore-scripts|run build|prune --omit=dev --ignore-scripts)$/,
    'test/deploy/image.test.ts does the same',
  ],
  [/^npm ci --ignore-scripts && npm run build$/, 'the same'],
  [/^sudo apt-get install /, 'would install on this machine'],
  [/^sudo sysctl --system$/, 'would set this machine’s kernel'],
  [/^sudo (groupadd|chgrp|chown) /, 'would make a group on this machine, or give files to it'],
  [
    /^sudo systemctl (reload (caddy|nginx)|daemon-reload)$/,
    'there is no systemd here; e2e/caddy and e2e/nginx run both',
  ],
  [/^systemctl status conf-relay$/, 'there is no systemd here'],
  [/^(sudo )?journalctl /, 'there is no journal here'],
  [/^sudo nginx -t$/, 'test/e2e/nginx.test.ts starts nginx with this file'],
  [/^ssh /, 'there is no other machine'],
  [/^docker compose /, 'there is no Docker daemon; test/deploy/image.test.ts performs the steps'],
  [/^timedatectl/, 'would set this machine’s clock'],
];

test('each command of a guide that is not run here is named with its reason, and no name is left over', () => {
  const commands = GUIDES.flatMap(itemsOf).filter(({ kind }) => kind === 'command');
  const unused = NOT_HERE.filter(([command]) => !commands.some(({ text }) => command.test(text)));
  expect(unused.map(([command]) => command.source)).toEqual([]);
  const dockerfile = readFileSync(join(ROOT, 'relay/deploy/Dockerfile'), 'utf8');
  for (const command of ['npm ci --ignore-scripts', 'npm run build', 'npm prune --omit=dev --ignore-scripts'])
    expect(dockerfile).toContain(`RUN ${command}`);
});

test.each(GUIDES)('%s: all settings that it shows are right', (file) => {
  const { applicationId, apiKey, privateKey, signatureSecret } = createAccount();
  for (const { kind, text, heading } of itemsOf(file)) {
    if (kind !== 'settings') continue;
    const shown = readCommentedJson(text);
    if (shown.kind !== 'value') throw new Error(`${heading}: ${text}`);
    const settings = {
      publicUrl: 'https://relay.example',
      ticketSecret: 'x7Qm2 vB9tL4 kZ8pR1 wN6yC3 dF5hG0',
      vonage: { applicationId, apiKey, privateKey, signatureSecret, from: '442079460000' },
      ...Object(shown.value),
    };
    const reading = readConfig({
      flags: {},
      env: {},
      fileText: JSON.stringify(settings),
      readText: () => '',
    });
    expect([heading, reading.kind === 'faults' ? reading.faults : []]).toEqual([heading, []]);
  }
});

test('what TROUBLESHOOTING says of a start that fails is what the relay prints', async () => {
  const shown = readFileSync(join(ROOT, 'relay/TROUBLESHOOTING.md'), 'utf8');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = Object(taken.address());
  const rooms = [{ id: 'allhands', source: 'l16' }];
  const desk = new Desk();
  const printed: string[] = [];
  for (const settings of [{ publicURL: '' }, { rooms, host: '0.0.0.0' }, { rooms, port, history: false }]) {
    desk.write('conf-relay.json', JSON.stringify(settings));
    printed.push((await desk.run(['serve'])).stderr);
  }
  // For root every file can be read; a directory cannot.
  mkdirSync(join(desk.dir, '.env'));
  printed.push((await desk.run(['serve'])).stderr.replace('EISDIR', 'EACCES'));
  desk.clear();
  taken.close();
  const quotes = [
    'is not a setting',
    'or start with --insecure',
    'the relay failed: listen EADDRINUSE',
    '.env cannot be read: .env (EACCES)',
  ];
  expect(printed.map((text, n) => text.includes(quotes[n] ?? ''))).toEqual([true, true, true, true]);
  expect(quotes.filter((quote) => !shown.includes(quote))).toEqual([]);
});

describe('a guide, followed on a clean machine with the simulator for the platform', () => {
  let desk: GuideDesk;
  let listener: WebSocket | undefined;

  beforeAll(async () => {
    desk = await GuideDesk.open();
  });
  afterEach(() => listener?.terminate());
  afterAll(async () => {
    await desk?.stop();
    await desk?.close();
  });

  /** What is typed, or happens, at a command, in place of running it alone. */
  const acts: readonly (readonly [command: RegExp, act: (command: string) => Promise<Done | void>])[] = [
    [/^(sudo conf-relay|node dist\/relay\/cli.js) init\b/, (command) => desk.run(command, desk.answers)],
    [
      /^(sudo conf-relay|node dist\/relay\/cli.js) serve$/,
      async (command) => {
        await desk.startByHand(command);
        expect((await fetch(`${desk.url}/healthz`)).status).toBe(200);
        expect(await desk.stop()).toBe(0);
      },
    ],
    [/^sudo systemctl enable --now conf-relay$/, () => desk.start()],
    [/^sudo systemctl reload conf-relay$/, () => desk.reload()],
    [
      /^sudo systemctl restart conf-relay$/,
      async () => {
        expect(await desk.stop()).toBe(0);
        await desk.start();
      },
    ],
    [
      /\/captions /,
      async (command) => {
        listener = await listen();
        return desk.run(command);
      },
    ],
  ];

  /** Somebody on a page of the intranet, who hears the conference. */
  async function listen(): Promise<WebSocket> {
    const socket = new WebSocket(`${desk.url.replace('http', 'ws')}/v1/rooms/allhands/listen`, 'conf.v1', {
      origin: 'https://intranet.example',
    });
    let chunks = 0;
    socket.on('message', (_, isBinary) => (chunks += isBinary ? 1 : 0));
    await until('the listener hears something', () => chunks > 0);
    return socket;
  }

  async function follow(file: string): Promise<void> {
    for (const { kind, text, heading } of itemsOf(file)) {
      if (kind === 'settings') {
        if (heading === 'Who may listen') await takeOver(text);
        continue;
      }
      if (NOT_HERE.some(([command]) => command.test(text))) continue;
      const act = acts.find(([command]) => command.test(text))?.[1] ?? ((command) => desk.run(command));
      const done = (await act(text)) ?? { code: 0, out: '' };
      expect([`${heading}: ${text}`, done]).toEqual([
        `${heading}: ${text}`,
        { code: 0, out: expect.any(String) },
      ]);
    }
  }

  /** Does with settings what the guide says: into the file, and a reload. */
  async function takeOver(shown: string): Promise<void> {
    const file = desk.path('/etc/conf-relay/conf-relay.json');
    const [now, more] = [readFileSync(file, 'utf8'), shown].map(readCommentedJson);
    if (now?.kind !== 'value' || more?.kind !== 'value') throw new Error('the settings are no JSON');
    writeFileSync(file, JSON.stringify({ ...Object(now.value), ...Object(more.value) }, null, 2));
    await desk.reload();
  }

  test('README.md: a relay in a checkout', async () => {
    await desk.run('cp ~/private.key /opt/conf-relay-0.1.0/');
    await desk.run('cd /opt/conf-relay-0.1.0');
    await follow('README.md');
    await desk.run('cd');
  }, 120_000);

  test('relay/README.md, then relay/TROUBLESHOOTING.md: from the installation to the last look', async () => {
    await follow('relay/README.md');
    const first = join(desk.dir, 'home/first.wav');
    expect(statSync(first).size).toBe(1_920_044);
    // Speech, not silence: the simulated platform reads a text aloud.
    const wav = readFileSync(first);
    const samples = new Int16Array(wav.buffer, wav.byteOffset + 44, 960_000);
    const loud = samples.filter((sample) => Math.abs(sample) > 1000).length;
    expect(loud).toBeGreaterThan(50_000);
    await follow('relay/TROUBLESHOOTING.md');
    expect(await desk.stop()).toBe(0);
  }, 240_000);
});
