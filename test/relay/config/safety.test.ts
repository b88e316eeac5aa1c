import { describe, expect, test } from 'vitest';
import { SECRET, config, faults, type Given } from './given.ts';

const PUBLIC = 'https://relay.example';
const CLOSED = [{ id: 'a', access: 'ticket' }];
const BESIDE = 'another secret of thirty-three chars';

/** Unsafe settings by name, and the beginning of what is said of them. */
const UNSAFE: [string, object, string][] = [
  [
    'an open room on 0.0.0.0',
    { host: '0.0.0.0', publicUrl: PUBLIC, rooms: [{ id: 'a' }] },
    'rooms.0.access lets everybody who reaches "0.0.0.0" hear "a"; set "origin" with origins, or "ticket"',
  ],
  [
    'an open room on ::',
    { host: '::', publicUrl: PUBLIC, rooms: [...CLOSED, { id: 'b', access: 'open' }] },
    'rooms.1.access lets everybody who reaches "::" hear "b"; set "origin" with origins, or "ticket"',
  ],
  [
    'a host whose name only begins with 127.',
    { host: '127.0.0.1.example', publicUrl: PUBLIC },
    'rooms.0.access lets everybody who reaches "127.0.0.1.example" hear "allhands"',
  ],
  ['no publicUrl on 10.0.0.1', { host: '10.0.0.1', rooms: CLOSED }, 'publicUrl is missing: put a TLS proxy'],
  ['a plain publicUrl', { publicUrl: 'http://relay.example' }, 'publicUrl is not https: tickets and sound'],
  [
    'a loopback publicUrl where others reach the relay',
    { host: '0.0.0.0', publicUrl: 'http://127.0.0.1:8080', rooms: CLOSED },
    'publicUrl is not https: tickets and sound',
  ],
  [
    'a plain key set',
    { ticketJwksUrl: 'http://idp.example/keys?secret=1', ticketIssuer: 'idp' },
    'ticketJwksUrl is not https: whoever is on the way puts in a key',
  ],
  ['a plain platform', { vonage: { apiHost: 'http://api.example' } }, 'vonage.apiHost is not https: whoever'],
  [
    'an admin listener on 0.0.0.0',
    { admin: { key: BESIDE, host: '0.0.0.0' } },
    'admin.host takes the admin key over plain http from elsewhere',
  ],
];

describe('P40: unsafe settings', () => {
  test.each(UNSAFE)('%s refuse to start, and 1 line says what to do', (_, settings, line) => {
    const file = { ticketSecret: SECRET, rooms: [{ id: 'allhands' }], ...settings };
    const lines = faults({ file }).filter((fault) => !isOfVonage(fault));
    expect(lines).toEqual([expect.stringContaining(line)]);
    expect(lines[0]).toMatch(/; or start with --insecure$/);
    expect(lines[0]).not.toContain('\n');
  });

  test.each(UNSAFE.filter(([, settings]) => !('vonage' in settings)))(
    '%s are let through by insecure, and named in Config.unsafe',
    (_, settings, line) => {
      const file = { ticketSecret: SECRET, rooms: [{ id: 'allhands' }], ...settings };
      const ways: Given[] = [
        { file, flags: { insecure: 'true' } },
        { file, env: { CONF_INSECURE: 'true' } },
        { file: { ...file, insecure: true } },
      ];
      for (const given of ways) {
        const unsafe = config(given).unsafe.map(({ name, detail }) => `${name} ${detail}`);
        expect(unsafe).toEqual([expect.stringContaining(line)]);
        expect(unsafe[0]).not.toContain('--insecure');
      }
    },
  );

  test.each([
    ['nothing', {}],
    [
      '127.0.0.1, ::1 and localhost with plain addresses',
      { host: '::1', publicUrl: 'http://localhost:8080' },
    ],
    ['127.8.8.8', { host: '127.8.8.8', publicUrl: 'http://[::1]:8080' }],
    ['an open room behind a proxy of this machine', { publicUrl: PUBLIC }],
    ['rooms with tickets on 0.0.0.0', { host: '0.0.0.0', publicUrl: PUBLIC, rooms: CLOSED }],
    [
      'rooms for origins on 0.0.0.0',
      { host: '0.0.0.0', publicUrl: PUBLIC, rooms: [{ id: 'a', origins: ['https://intranet.example'] }] },
    ],
    ['a key set of this machine', { ticketJwksUrl: 'http://127.0.0.1:9/keys', ticketIssuer: 'idp' }],
    ['an admin listener without key anywhere', { admin: { host: '0.0.0.0' } }],
  ])('%s: 0 faults and 0 unsafe', (_, settings) => {
    expect(config({ file: { ticketSecret: SECRET, ...settings } }).unsafe).toEqual([]);
  });

  test('200 open rooms on 0.0.0.0 are 50 lines', () => {
    const rooms = Array.from({ length: 200 }, (_, n) => ({ id: `room-${n}` }));
    expect(faults({ file: { host: '0.0.0.0', publicUrl: PUBLIC, rooms } })).toHaveLength(50);
  });
});

/** One Vonage setting alone makes the others missing. */
function isOfVonage(fault: string): boolean {
  return / is missing; /.test(fault);
}

describe('P40: not even insecure lets through', () => {
  const talkers = { vonage: { from: '442079460000' }, publicUrl: PUBLIC };
  test.each<[string, object, string]>([
    [
      'a secret of 31 bytes',
      { ticketSecret: 'abcdefghijklmnopqrstuvwxyz01234' },
      'ticketSecret is shorter than 32 bytes; try: openssl rand -base64 32',
    ],
    [
      'a secret of 7 different characters',
      { ticketSecret: 'abcdefg'.repeat(5) },
      'ticketSecret has fewer than 8 different characters; try: openssl rand -base64 32',
    ],
    [
      'an admin key of 1 character, 64 times',
      { admin: { key: 'k'.repeat(64) } },
      'admin.key has fewer than 8 different characters; try: openssl rand -base64 32',
    ],
    [
      'origins that are not named',
      { ticketSecret: SECRET, rooms: [{ id: 'a', access: 'origin' }] },
      'rooms.0.origins is missing: room "a" is for pages of some origins; name them',
    ],
    [
      'pages that a restart would make strangers',
      { rooms: [{ id: 'a', origins: ['https://intranet.example'] }] },
      'ticketSecret is missing, and the relay\'s own pages of room "a" are known by tickets; set CONF_TICKET_SECRET',
    ],
    [
      'origins that are not looked at',
      { rooms: [{ id: 'a', access: 'open', origins: ['https://intranet.example'] }] },
      'rooms.0.origins would not be looked at: room "a" is open to all; set its access to "origin"',
    ],
    [
      'tickets that nobody signs',
      { rooms: CLOSED },
      'ticketSecret is missing, and room "a" wants tickets; set CONF_TICKET_SECRET',
    ],
    [
      'a key set without issuer',
      { ticketJwksUrl: 'https://idp.example/keys' },
      'ticketIssuer is missing: without it tickets for anything else that the identity provider signs would do',
    ],
    [
      'a previous secret alone',
      { previousTicketSecret: SECRET },
      'previousTicketSecret stands alone; it is ticketSecret that signs',
    ],
    [
      'one secret twice',
      { previousTicketSecret: SECRET, ticketSecret: SECRET },
      'previousTicketSecret is ticketSecret; leave it out, or make ticketSecret a new one',
    ],
    [
      'an admin key that signs tickets',
      { ticketSecret: SECRET, admin: { key: SECRET } },
      'admin.key is a secret that signs tickets too; try: openssl rand -base64 32',
    ],
    [
      'an admin key that signed tickets',
      { ticketSecret: BESIDE, previousTicketSecret: SECRET, admin: { key: SECRET } },
      'admin.key is a secret that signs tickets too; try: openssl rand -base64 32',
    ],
    [
      'a host’s PIN alone',
      { ...talkers, rooms: [{ id: 'a', hostPin: '864209' }] },
      'rooms.0.hostPin needs a pin for the others of room "a"',
    ],
    [
      'one PIN for all',
      { ...talkers, rooms: [{ id: 'a', pin: '864209', hostPin: '864209' }] },
      'rooms.0.hostPin is the pin: all of room "a" would be its host',
    ],
    [
      'a PIN where nobody phones',
      { rooms: [{ id: 'a', source: 'l16', pin: '864209' }] },
      'rooms.0.pin is keyed in at a phone, and room "a" is fed by a publisher; leave it out',
    ],
  ])('%s', (_, settings, line) => {
    const file = { ...settings, insecure: true };
    expect(faults({ file }).filter((fault) => !isOfVonage(fault))).toEqual([line]);
    expect(faults({ file }).join()).not.toContain('864209');
  });
});

describe('P40: a PIN is told in 0 of the ways to be wrong', () => {
  const PIN = '864209';
  const rooms: [string, unknown][] = [
    ['too long', [{ id: 'a', title: 'Town hall', pin: `${PIN}0000000` }]],
    ['a number', [{ id: 'a', pin: Number(PIN) }]],
    ['a list', [{ id: 'a', hostPin: [PIN] }]],
    ['under a wrong name', [{ id: 'a', pni: PIN }]],
    ['in another field', [{ id: 'a', title: { pin: PIN } }]],
    ['in place of a room', [PIN]],
    ['in place of the rooms', PIN],
    [
      'in a room named twice',
      [
        { id: 'a', pin: PIN },
        { id: 'a', pin: PIN },
      ],
    ],
    ['in text that is no JSON', `[{"id":"a","pin":"${PIN}"`],
    ['in text with a key twice', `[{"id":"a","pin":"${PIN}","pin":"${PIN}"}]`],
  ];
  test.each(rooms)('%s', (_, wrong) => {
    const text = typeof wrong === 'string' ? wrong : JSON.stringify(wrong);
    const ways: Given[] = [
      { file: { rooms: wrong } },
      { env: { CONF_ROOMS: text } },
      { flags: { rooms: text } },
      { file: { roomsFile: 'r' }, files: { r: text } },
    ];
    for (const given of ways) {
      const lines = faults(given);
      expect(lines).not.toEqual([]);
      expect(lines.join('\n')).not.toContain(PIN);
    }
  });

  test('while the other values of the room are told', () => {
    expect(faults({ file: { rooms: [{ id: 'a', pin: PIN, silence: 'loud', volume: 5 }] } })).toEqual([
      'rooms.0.silence "loud" is not ("suppress" | "send")',
      'rooms.0.volume is not a field of a room',
    ]);
  });
});

function deep(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

describe('P40: a file that is no settings file is 1 fault, throws nothing and changes no object', () => {
  const MB = 1_000_000;
  test.each([
    ['a key twice', '{"port":1,"port":2}', 'conf-relay.json has the key "port" twice in one object'],
    ['a key twice, once escaped', String.raw`{"port":1,"p\u006frt":2}`, 'has the key "port" twice'],
    ['a key twice in a room', '{"rooms":[{"id":"a","access":"ticket","access":"open"}]}', '"access" twice'],
    ['a dotted and a nested name', '{"admin.port":1,"admin":{"port":2}}', 'admin.port stands twice'],
    ['__proto__', '{"__proto__":{"polluted":1}}', 'conf-relay.json has the key "__proto__"'],
    ['__proto__ in a room', '{"rooms":[{"id":"a","__proto__":{"polluted":1}}]}', 'has the key "__proto__"'],
    ['constructor', '{"constructor":{"prototype":{"polluted":1}}}', 'has the key "constructor"'],
    ['constructor of a room', '{"rooms":[{"id":"a","constructor":1}]}', 'has the key "constructor"'],
    ['17 nested lists', `{"rooms":${deep(17)}}`, 'conf-relay.json is nested deeper than 16'],
    ['400,000 nested lists', `{"rooms":${deep(400_000)}}`, 'conf-relay.json is nested deeper than 16'],
    ['1 MB of [', '['.repeat(MB), 'conf-relay.json is not JSON'],
    ['1 MB of NUL', '\0'.repeat(MB), 'conf-relay.json is not JSON'],
    ['1 MB in one string', `"${'\\"'.repeat(MB / 2 - 1)}"`, 'conf-relay.json is not a JSON object'],
    ['more than 1 MB', `{"port":1}${' '.repeat(MB)}`, 'conf-relay.json is longer than 1 MB'],
    ['480,000 rooms', `{"rooms":[${'1,'.repeat(480_000)}1]}`, 'rooms has more than 10000 rooms'],
  ])('%s', (_, file, line) => {
    expect(faults({ file })).toEqual([expect.stringContaining(line)]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('10,000 rooms are read, and of 10,000 wrong ones 50 are named', () => {
    const rooms = Array.from({ length: 10_000 }, (_, n) => ({ id: `room-${n}` }));
    expect(config({ file: { rooms } }).rooms).toHaveLength(10_000);
    expect(faults({ file: { rooms: rooms.map(() => 5) } })).toHaveLength(50);
  });
});
