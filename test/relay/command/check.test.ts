import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAccount } from '../../../demo/account.ts';
import { freePort } from '../../../demo/free-port.ts';
import type { Settings } from '../../../demo/simulator/options.ts';
import { startSimulator, type Simulator } from '../../../demo/simulator/simulator.ts';
import { House, SECRET } from '../house.ts';
import { Desk, type Ended } from './conf-relay.ts';

/** Making a key pair takes longer than a test. */
const account = createAccount();
const another = createAccount();

let desk: Desk;
let simulator: Simulator | undefined;
let port = 0;
beforeEach(async () => {
  desk = new Desk();
  port = await freePort();
  for (const { privateKey, signatureSecret, apiSecret, ticketSecret } of [account, another]) {
    for (const secret of [privateKey, signatureSecret, apiSecret, ticketSecret])
      desk.leaks.learn('secret', secret);
  }
  for (const number of ['442079460000', '442079460001', '442079460009']) desk.leaks.learn('number', number);
});
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
  desk.clear();
});

/** Settings as in the file, with what a test makes wrong in them. */
type Given = Record<string, unknown> & { vonage?: object; rooms?: object[] };

/** Runs `check` with a right account and right settings, but for what a test makes wrong. */
async function check({
  settings = {},
  platform = {},
  secrets = {},
  without = [],
  args = [],
  openFiles = 0,
}: {
  settings?: Given;
  platform?: Partial<Settings>;
  secrets?: Record<string, string>;
  without?: string[];
  args?: string[];
  openFiles?: number;
} = {}): Promise<Ended & { failed: string[] }> {
  const url = `http://127.0.0.1:${port}`;
  const webhooks = { answerUrl: `${url}/vonage/answer`, eventUrl: `${url}/vonage/event` };
  simulator = await startSimulator({ ...account, ...webhooks, ...platform });
  const { vonage, ...others } = settings;
  desk.write('private.key', account.privateKey);
  desk.write('another.key', another.privateKey);
  desk.write(
    'conf-relay.json',
    JSON.stringify({
      port,
      publicUrl: url,
      limits: { connections: 100 },
      rooms: [{ id: 'allhands', number: '442079460001' }],
      vonage: {
        applicationId: account.applicationId,
        privateKeyFile: 'private.key',
        apiKey: account.apiKey,
        from: '442079460000',
        apiHost: simulator.url,
        restHost: simulator.url,
        ...vonage,
      },
      ...others,
    }),
  );
  desk.env = {
    CONF_TICKET_SECRET: account.ticketSecret,
    CONF_VONAGE_SIGNATURE_SECRET: account.signatureSecret,
    CONF_VONAGE_API_SECRET: account.apiSecret,
    ...secrets,
  };
  for (const name of without) delete desk.env[name];
  const ended = await desk.run(['check', ...args], { openFiles });
  const failed = ended.stdout.split('\n').filter((line) => line.startsWith('FAIL'));
  return { ...ended, failed };
}

test('a right account and right settings: 0 failed, 0 to watch, 0 not checked, code 0, and nothing left behind', async () => {
  const { code, stdout, stderr } = await check();
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.at(-1)).toBe('16 ok, 0 to watch, 0 failed, 0 not checked');
  expect(lines.filter((line) => line.startsWith('ok ')).map((line) => line.slice(6).split(' — ')[0])).toEqual(
    [
      'settings',
      'vonage.privateKey',
      'Node',
      'open files',
      'dataDir',
      'disk',
      'port',
      'publicUrl',
      'publicUrl (ws)',
      'clock',
      'Vonage API',
      'answer URL',
      'event URL',
      'signed callbacks',
      'region',
      'linked numbers',
    ],
  );
  expect(desk.files()).toEqual(['another.key', 'conf-relay.json', 'private.key']);
  expect(simulator?.requests().map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
});

test('so for scripts: --json is one object, of the same', async () => {
  const { code, stdout } = await check({ args: ['--json'], platform: { signedCallbacks: false } });
  const { ok, findings }: { ok: boolean; findings: { what: string; status: string }[] } = JSON.parse(stdout);
  expect([code, ok]).toEqual([1, false]);
  expect(findings.filter(({ status }) => status === 'fail').map(({ what }) => what)).toEqual([
    'signed callbacks',
  ]);
});

test('fault 1, the key of another application: 401, and which two settings belong together', async () => {
  const { code, failed } = await check({ settings: { vonage: { privateKeyFile: 'another.key' } } });
  expect([code, failed]).toEqual([
    1,
    [
      expect.stringMatching(
        /^FAIL {2}Vonage API — .* refuses the key \(401\); take vonage\.applicationId and vonage\.privateKey from the same application/,
      ),
    ],
  ]);
});

test.each([
  [-600, 'ahead of'],
  [600, 'behind'],
])(
  'fault 2, a platform clock %i s from ours: which way, and timedatectl; and no blame on the key',
  async (clockSkewSec, way) => {
    const { code, stdout, failed } = await check({ platform: { clockSkewSec } });
    expect(code).toBe(1);
    expect(failed).toEqual([
      expect.stringMatching(
        new RegExp(`^FAIL {2}clock — is (599|600|601) s ${way} the platform’s: .*timedatectl set-ntp true`),
      ),
    ]);
    if (way === 'ahead of')
      expect(stdout).toContain(
        '--    Vonage API — not checked: it refuses every key while the clock is wrong',
      );
  },
);

test('a clock 45 s ahead is to be watched, and code 0', async () => {
  const { code, stdout } = await check({ platform: { clockSkewSec: -45 } });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^warn {2}clock — is 4[456] s ahead of/m)]);
});

test('fault 3, webhooks elsewhere: where they point, without their query, and where they should', async () => {
  const { code, failed } = await check({
    platform: { answerUrl: `https://old.example/answer?key=${another.apiSecret}`, eventUrl: undefined },
  });
  const url = `http://127.0.0.1:${port}`;
  expect([code, failed]).toEqual([
    1,
    [
      `FAIL  answer URL — is https://old.example/answer; in the application’s Voice settings set it to ${url}/vonage/answer`,
      `FAIL  event URL — is not set; in the application’s Voice settings set it to ${url}/vonage/event`,
    ],
  ]);
});

test('fault 4, unsigned callbacks: what to tick', async () => {
  const { code, failed } = await check({ platform: { signedCallbacks: false } });
  expect([code, failed]).toEqual([
    1,
    [expect.stringMatching(/^FAIL {2}signed callbacks — are off: .*; tick "Use signed webhooks"/)],
  ]);
});

test('fault 5, a port that another program has: which setting, and how to find the program; what needs it is not checked', async () => {
  const squatter = createServer((socket) => socket.end('220 mail\r\n'));
  await new Promise<void>((resolve) => {
    squatter.listen(port, '127.0.0.1', resolve);
  });
  try {
    const { code, stdout, failed } = await check();
    expect([code, failed]).toEqual([
      1,
      [
        `FAIL  port — ${port} is taken by another program; end what listens there (ss -ltnp 'sport = :${port}' names it), or set port to another`,
      ],
    ]);
    expect(stdout).toContain('--    publicUrl — not checked: the port cannot be listened on');
  } finally {
    squatter.close();
  }
});

test('fault 6, a public address that is http: what to put in front, and code 2', async () => {
  const { code, failed } = await check({ settings: { publicUrl: 'http://relay.example' } });
  expect([code, failed]).toEqual([
    2,
    [
      expect.stringMatching(
        /^FAIL {2}publicUrl — is not https: .*put a TLS proxy in front and give its https origin/,
      ),
    ],
  ]);
});

test('fault 7, numbers that are not linked: which settings have them, and never the numbers', async () => {
  const { code, failed } = await check({
    settings: { vonage: { from: '442079460009' }, rooms: [{ id: 'board', number: '442079460009' }] },
  });
  const fix =
    'is not linked to the application; link it under Numbers in the Vonage dashboard, or write one that is';
  expect([code, failed]).toEqual([
    1,
    [`FAIL  vonage.from — ${fix}`, `FAIL  number of room "board" — ${fix}`],
  ]);
});

test('fault 8, the host of another region: which it is, and which it should be', async () => {
  const { code, failed } = await check({
    platform: { region: 'eu-west' },
    settings: { rooms: [{ id: 'allhands', apiHost: 'https://api-us-4.vonage.com' }] },
  });
  expect([code, failed]).toEqual([
    1,
    [
      'FAIL  region — apiHost of room "allhands" is api-us-4.vonage.com, and the application lives in eu-west; set it to https://api-eu-3.vonage.com, or leave it out',
    ],
  ]);
});

test('fault 9, ulimit 256: how many it should be, and where that is set', async () => {
  const { code, failed } = await check({ openFiles: 256 });
  expect([code, failed]).toEqual([
    1,
    [
      'FAIL  open files — only 256 may be open (ulimit -n); set LimitNOFILE=1100 in the systemd unit (or: ulimit -n 1100)',
    ],
  ]);
});

test('more listeners allowed than files: to be watched, code 0', async () => {
  const { code, stdout } = await check({ openFiles: 2000, settings: { limits: { connections: 1500 } } });
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      /^warn {2}open files — 2000 may be open .*; set LimitNOFILE=2500 .*, or lower limits\.connections$/m,
    ),
  ]);
});

test.each(['a-file', 'a-file/below', '/proc/conf-relay'])(
  'fault 10, a data directory that cannot be written, %s: who must be able to',
  async (dataDir) => {
    desk.write('a-file', '');
    const { code, failed } = await check({ settings: { dataDir } });
    expect([code, failed]).toEqual([
      1,
      [
        expect.stringMatching(
          /^FAIL {2}dataDir — \S+ cannot be written \((ENOTDIR|ENOENT|EACCES|EPERM)\); make \S+ a directory that the relay's user may write/,
        ),
      ],
    ]);
  },
);

test('fault 11, a setting that is none, in the file or in .env: its name, where they are listed, and code 2', async () => {
  desk.write('.env', 'CONF_PROT=1\n');
  const { code, stdout, failed } = await check({ settings: { prot: 8080 } });
  expect([code, failed]).toEqual([
    2,
    [
      'FAIL  prot — is not a setting; "conf-relay settings" lists them',
      'FAIL  CONF_PROT — is not a setting; "conf-relay settings" lists them',
    ],
  ]);
  expect(stdout).toContain('--    all else — not checked: the settings are wrong');
});

test('fault 12, a weak secret: how to make one, and code 2', async () => {
  const { code, failed } = await check({ secrets: { CONF_TICKET_SECRET: 'Tr0ub4dor&3' } });
  expect([code, failed]).toEqual([
    2,
    ['FAIL  ticketSecret — is shorter than 32 bytes; try: openssl rand -base64 32'],
  ]);
});

test('several faults at once are all told, and what hangs on one is not checked: a wrong API secret hides 4 things', async () => {
  const { code, stdout, failed } = await check({
    secrets: { CONF_VONAGE_API_SECRET: another.apiSecret },
    openFiles: 256,
  });
  expect([code, failed.length]).toEqual([1, 3]);
  expect(failed[1]).toMatch(
    /^FAIL {2}application — the account refuses the API key or secret \(401\); copy /,
  );
  expect(stdout.match(/not checked: the application cannot be read/g)).toHaveLength(4);
});

test('without the API secret the 5 things behind it are not checked, and nothing fails', async () => {
  const { code, stdout } = await check({ without: ['CONF_VONAGE_API_SECRET'] });
  expect([code, stdout.match(/not checked: set vonage\.apiSecret$/gm)?.length]).toEqual([0, 5]);
});

test('while the relay runs: its ports are its own, and it is dialled itself', async () => {
  const house = await House.open({
    port,
    settings: { publicUrl: `http://127.0.0.1:${port}`, admin: { key: `${SECRET}, for admins`, port: 0 } },
  });
  try {
    const adminPort = Number(new URL(house.relay.adminUrl ?? '').port);
    const { code, stdout } = await check({
      settings: { admin: { port: adminPort } },
      secrets: { CONF_ADMIN_KEY: `${SECRET}, for admins` },
    });
    expect([code, stdout.match(/^ok.*a relay answers on \d+ already$/gm)?.length]).toEqual([0, 2]);
    expect(stdout).toContain('ok    publicUrl (ws) — sockets come through');
  } finally {
    await house.close();
  }
});

test('--offline asks nobody: 0 requests, code 0 for what would fail', async () => {
  const { code, stdout } = await check({
    args: ['--offline'],
    settings: { publicUrl: 'https://relay.example' },
    platform: { signedCallbacks: false },
  });
  expect([code, simulator?.requests()]).toEqual([0, []]);
  expect(stdout).toContain('--    Vonage — not checked: not with --offline');
});
