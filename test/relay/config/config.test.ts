import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SETTING_NAMES, describeSetting } from '../../../relay/config/settings.ts';
import { SECRET, config, faults, type Given } from './given.ts';

const { privateKey: PEM } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const VONAGE = {
  publicUrl: 'https://relay.example',
  vonage: {
    applicationId: 'app',
    privateKey: PEM,
    signatureSecret: 'sig',
    apiKey: 'key',
    from: '442079460000',
  },
};

function ids(given: Given): string[] {
  return config(given).rooms.map(({ id }) => id);
}

describe('without any setting', () => {
  test('there is one open room fed by a publisher, on 127.0.0.1:8080, 100 ms chunks', () => {
    expect(config({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      vonage: undefined,
      tickets: { secret: undefined },
      history: { dir: 'conf-relay-data', days: 90 },
      egressPrice: { perGb: 0.09, currency: 'USD' },
      rooms: [
        { id: 'allhands', title: 'All hands', source: 'l16', access: 'open', chunkMs: 100, lingerMs: 30_000 },
      ],
    });
  });

  test('every setting says what it is', () => {
    for (const name of SETTING_NAMES) expect(describeSetting(name).doc).not.toBe('');
  });
});

describe('a setting that is given more than once', () => {
  test('flags win over environment over file over default', () => {
    const file = { port: 1001 };
    const env = { CONF_PORT: '1002' };
    const flags = { port: '1003' };
    const ports = [{}, { file }, { file, env }, { file, env, flags }].map((given) => config(given).port);
    expect(ports).toEqual([8080, 1001, 1002, 1003]);
  });

  test('a stronger source’s file wins over a weaker source’s secret', () => {
    const files = {
      'flag.txt': `${SECRET}-flag\n`,
      'env.txt': `${SECRET}-env\n`,
      'file.txt': `${SECRET}-file`,
    };
    const weak = { ticketSecret: `${SECRET}-weak` };
    expect(config({ files, file: { ticketSecretFile: 'file.txt' } }).tickets.secret).toBe(`${SECRET}-file`);
    expect(config({ files, file: weak, env: { CONF_TICKET_SECRET_FILE: 'env.txt' } }).tickets.secret).toBe(
      `${SECRET}-env`,
    );
    const env = { CONF_TICKET_SECRET: `${SECRET}-direct`, CONF_TICKET_SECRET_FILE: 'env.txt' };
    expect(config({ files, file: weak, env }).tickets.secret).toBe(`${SECRET}-direct`);
    const flags = { 'ticket-secret-file': 'flag.txt' };
    expect(config({ files, file: weak, env, flags }).tickets.secret).toBe(`${SECRET}-flag`);
  });

  test('rooms are a list in the file, JSON in the environment, or stand in a file of their own', () => {
    const rooms = [{ id: 'a' }, { id: 'b', showListeners: true }];
    const files = { 'rooms.json': JSON.stringify(rooms) };
    expect(ids({ file: { rooms } })).toEqual(['a', 'b']);
    expect(ids({ env: { CONF_ROOMS: JSON.stringify(rooms) } })).toEqual(['a', 'b']);
    expect(ids({ files, env: { CONF_ROOMS_FILE: 'rooms.json' } })).toEqual(['a', 'b']);
    expect(ids({ files, flags: { 'rooms-file': 'rooms.json' } })).toEqual(['a', 'b']);
    expect(ids({ files, file: { roomsFile: 'rooms.json' } })).toEqual(['a', 'b']);
  });
});

describe('what is wrong is named, with value and fix', () => {
  test.each<[string, Given, string]>([
    [
      'a chunk of 190 ms',
      { file: { chunkMs: 190 } },
      'chunkMs 190 is not a multiple of the 20 ms frame; use 100 or 200',
    ],
    ['a chunk of 0 ms', { env: { CONF_CHUNK_MS: '0' } }, 'chunkMs 0 is below 20'],
    ['a port of letters', { flags: { port: 'http' } }, 'port "http" is not a whole number'],
    ['port 65536', { file: { port: 65_536 } }, 'port 65536 is above 65535'],
    ['half a port', { file: { port: 80.5 } }, 'port 80.5 is not a whole number'],
    [
      'an address with a path',
      { file: { publicUrl: 'https://a.b/c' } },
      'publicUrl "https://a.b/c" is not an origin such as https://relay.example (no path, no slash at the end)',
    ],
    ['an unknown field', { file: { prot: 80 } }, 'prot is not a setting; "conf-relay settings" lists them'],
    [
      'an unknown nested field',
      { file: { vonage: { key: 'x' } } },
      'vonage.key is not a setting; "conf-relay settings" lists them',
    ],
    [
      'an unknown variable',
      { env: { CONF_PROT: '80' } },
      'CONF_PROT is not a setting; "conf-relay settings" lists them',
    ],
    [
      'an unknown flag',
      { flags: { prot: '80' } },
      '--prot is not a setting; "conf-relay settings" lists them',
    ],
    [
      'a room id in capitals',
      { file: { rooms: [{ id: 'All' }] } },
      'rooms.0.id "All" is not a room id: 1 to 64 of a-z, 0-9 and -, a letter or digit first',
    ],
    [
      'a room id in capitals, in the environment',
      { env: { CONF_ROOMS: '[{"id":"All"}]' } },
      'rooms.0.id "All" is not a room id: 1 to 64 of a-z, 0-9 and -, a letter or digit first',
    ],
    ['rooms that are no JSON', { env: { CONF_ROOMS: 'allhands' } }, 'rooms is not JSON'],
    ['rooms that are no list', { file: { rooms: 5 } }, 'rooms is not a list of rooms'],
    ['no room', { file: { rooms: [] } }, 'rooms is empty: name at least one room'],
    ['a file that is no JSON', { file: '{' }, 'conf-relay.json is not JSON'],
    ['a file that is a list', { file: [] }, 'conf-relay.json is not a JSON object'],
    ['a room without id', { file: { rooms: [{ title: 'A' }] } }, 'rooms.0.id is missing'],
    [
      'an unknown field of a room',
      { file: { rooms: [{ id: 'a', titel: 'A' }] } },
      'rooms.0.titel is not a field of a room',
    ],
    [
      'one room twice',
      { file: { rooms: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] } },
      'rooms names the room "a" twice',
    ],
    [
      'two rooms under one number, untold',
      {
        file: {
          rooms: [
            { id: 'a', number: '442079460001' },
            { id: 'b', number: '442079460001' },
          ],
        },
      },
      'rooms gives room "b" the number of another',
    ],
    [
      'a number with a +, untold',
      { file: { rooms: [{ id: 'a', number: '+442079460001' }] } },
      'rooms.0.number is not 5 to 15 digits without +',
    ],
    [
      'a number of ours with a +, untold',
      { env: { CONF_VONAGE_FROM: '+442079460000' } },
      'vonage.from is not 5 to 15 digits without +',
    ],
    [
      'an id of 1,000 characters, of which 99 are told',
      { file: { rooms: [{ id: 'a'.repeat(1000) }] } },
      `rooms.0.id "${'a'.repeat(99)}… is not a room id: 1 to 64 of a-z, 0-9 and -, a letter or digit first`,
    ],
    [
      'an access that is none',
      { file: { rooms: [{ id: 'a', access: 'public' }] } },
      'rooms.0.access "public" is not ("open" | "origin" | "ticket")',
    ],
    [
      'an address with a password, untold',
      { file: { ticketJwksUrl: 'https://me:hunter2@idp.example/keys', ticketIssuer: 'idp' } },
      'ticketJwksUrl "https://…@idp.example/keys" is not a web address such as https://login.example/keys (without user name and password)',
    ],
    ['a path that is none', { file: { ticketSecretFile: 5 } }, 'ticketSecretFile is not the path of a file'],
    [
      'a secret of 9 characters, untold',
      { file: { ticketSecret: 'my secret' } },
      'ticketSecret is shorter than 32 bytes; try: openssl rand -base64 32',
    ],
    ['a secret that is a number, untold', { file: { ticketSecret: 1234 } }, 'ticketSecret is not string'],
    [
      'a secret’s file that is not there, untold because it may be the secret',
      { env: { CONF_TICKET_SECRET_FILE: SECRET } },
      'ticketSecretFile names a file that cannot be read (ENOENT); a path counts from where the relay is started',
    ],
    [
      'a room with tickets and no secret',
      { file: { rooms: [{ id: 'a', access: 'ticket' }] } },
      'ticketSecret is missing, and room "a" wants tickets; set CONF_TICKET_SECRET',
    ],
  ])('%s', (_, given, fault) => {
    expect(faults(given)).toEqual([fault]);
  });

  test('3 faults are named at once', () => {
    expect(faults({ file: { port: -1, chunkMs: 30, prot: 1 } })).toHaveLength(3);
  });

  test('of 30,000 unknown settings the first 50 are named, each in at most 140 characters', () => {
    const file = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`${n}\u001b[31m`, n]));
    const lines = faults({ file: { ['x'.repeat(1000)]: 1, ...file } });
    expect(lines).toHaveLength(50);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(140);
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('Vonage', () => {
  test('complete, its rooms are dialled; \\n in the key’s variable become lines', () => {
    expect(config({ file: VONAGE })).toMatchObject({
      rooms: [{ id: 'allhands', source: 'vonage', conversation: 'allhands' }],
      vonage: { apiHost: 'https://api.nexmo.com', lengthTimerSec: 7200, from: '442079460000' },
    });
    const env = { CONF_VONAGE_PRIVATE_KEY: PEM.replaceAll('\n', String.raw`\n`) };
    expect(config({ file: VONAGE, env }).vonage?.privateKey.trim()).toBe(PEM.trim());
  });

  test('each of the 6 missing settings is named with its variable and what to do', () => {
    const missing = faults({ file: { rooms: [{ id: 'a', source: 'vonage' }] } });
    for (const variable of [
      'CONF_PUBLIC_URL',
      'CONF_VONAGE_APPLICATION_ID',
      'CONF_VONAGE_PRIVATE_KEY',
      'CONF_VONAGE_SIGNATURE_SECRET',
      'CONF_VONAGE_API_KEY',
      'CONF_VONAGE_FROM',
    ]) {
      const fault = missing.filter((line) => line.endsWith(`(${variable})`));
      expect(fault).toHaveLength(1);
      expect(fault[0]).toMatch(/is missing; .{20,}/);
    }
    expect(missing).toHaveLength(6);
  });

  test('one setting of it is enough to ask for the other 5', () => {
    expect(faults({ env: { CONF_VONAGE_FROM: '442079460000' } })).toHaveLength(5);
  });

  test('a key that is no PEM is refused without being told', () => {
    const lines = faults({ file: VONAGE, env: { CONF_VONAGE_PRIVATE_KEY: 'hunter2' } });
    expect(lines).toEqual([
      'vonage.privateKey is not a PEM private key; give the file that the dashboard made',
    ]);
  });
});

test('limits are 15000 listeners, 2000 from an address, 1000 joins a second and no proxy, unless told otherwise', () => {
  const limits = { connections: 15_000, perAddress: 2000, joinsPerSec: 1000 };
  expect(config({})).toMatchObject({ limits, trustProxy: 0, rooms: [{ maxListeners: 15_000 }] });
  const given = {
    file: { limits: { perRoom: 7 }, trustProxy: 1 },
    env: { CONF_LIMITS_PER_ADDRESS: '20000' },
  };
  expect(config(given)).toMatchObject({
    limits: { ...limits, perAddress: 20_000 },
    trustProxy: 1,
    rooms: [{ maxListeners: 7 }],
  });
  expect(faults({ flags: { 'limits-joins-per-sec': '0', 'trust-proxy': 'yes' } })).toEqual([
    'limits.joinsPerSec 0 is below 1',
    'trustProxy "yes" is not a whole number',
  ]);
});

test('the example is right once its 2 files are there', () => {
  const file = readFileSync(new URL('../../../relay/conf-relay.example.json', import.meta.url), 'utf8');
  expect(faults({ file, files: { 'private.key': PEM, 'signature.secret': 'sig' } })).toEqual([]);
});

test('an IPv6 host makes a readable origin', () => {
  expect(config({ file: { host: '::1' } }).publicUrl).toBe('http://[::1]:8080');
});

test.each([
  ['https://Relay.Example', 'https://relay.example'],
  ['https://relay.example:443', 'https://relay.example'],
  ['http://127.0.0.1:80', 'http://127.0.0.1'],
  ['https://relay.example:8443', 'https://relay.example:8443'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
])('publicUrl %s is compared as browsers write it, %s', (publicUrl, origin) => {
  expect(config({ file: { publicUrl } }).publicUrl).toBe(origin);
});
