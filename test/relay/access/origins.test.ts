import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Origins, isOriginPattern } from '../../../relay/access/origins.ts';

const origins = new Origins([
  'https://intranet.example',
  'https://*.corp.example',
  'http://plain.example',
  'https://cms.example:8443',
  'https://*.lab.example:8443',
  'https://192.0.2.7',
  'http://[2001:db8::7]:8080',
  'https://xn--bcher-kva.example',
]);

const PLAYS = [
  'https://intranet.example',
  'https://www.corp.example',
  'https://a.b.c.corp.example',
  'https://evil.corp.example',
  'https://xn--bcher-kva.corp.example',
  'http://plain.example',
  'https://cms.example:8443',
  'https://www.lab.example:8443',
  'https://192.0.2.7',
  'http://[2001:db8::7]:8080',
  'https://xn--bcher-kva.example',
];
const REFUSED: [why: string, origin: string][] = [
  ['no origin', ''],
  ['a sandboxed frame', 'null'],
  ['a pattern', 'https://*.corp.example'],
  ['a star', '*'],
  ['the domain itself, which is not below it', 'https://corp.example'],
  ['a dot and nothing before it', 'https://.corp.example'],
  ['two dots', 'https://a..corp.example'],
  ['another domain behind', 'https://corp.example.evil.tld'],
  ['another domain behind, below', 'https://www.corp.example.evil.tld'],
  ['another domain behind the exact one', 'https://intranet.example.evil.tld'],
  ['another domain before it', 'https://evilcorp.example'],
  ['another domain before it, with a hyphen', 'https://evil-corp.example'],
  ['another domain before the exact one', 'https://evilintranet.example'],
  ['below the exact one', 'https://www.intranet.example'],
  ['another top-level domain', 'https://intranet.example2'],
  ['upper case', 'https://INTRANET.example'],
  ['upper case below', 'https://WWW.corp.example'],
  ['an upper case scheme', 'HTTPS://intranet.example'],
  ['http for https', 'http://intranet.example'],
  ['http for https below', 'http://www.corp.example'],
  ['https for http', 'https://plain.example'],
  ['another scheme', 'ftp://intranet.example'],
  ['no scheme', 'intranet.example'],
  ['no scheme but slashes', '//intranet.example'],
  ['a WebSocket’s scheme', 'wss://intranet.example'],
  ['an extension', 'chrome-extension://intranet.example'],
  ['a file', 'file://'],
  ['data', 'data:text/html,https://intranet.example'],
  ['a port where there is none', 'https://intranet.example:8443'],
  ['a port where there is none, below', 'https://www.corp.example:8443'],
  ['the default port, which no browser writes', 'https://intranet.example:443'],
  ['no port where there is one', 'https://cms.example'],
  ['another port', 'https://cms.example:8444'],
  ['another port below', 'https://www.lab.example:443'],
  ['a port that only begins so', 'https://cms.example:84430'],
  ['a port that is none', 'https://cms.example:8443x'],
  ['a colon and no port', 'https://intranet.example:'],
  ['a dot at the end', 'https://intranet.example.'],
  ['a dot at the end, below', 'https://www.corp.example.'],
  ['a slash at the end', 'https://intranet.example/'],
  ['a path', 'https://intranet.example/page'],
  ['a path that ends well', 'https://evil.tld/www.corp.example'],
  ['a query that ends well', 'https://evil.tld?www.corp.example'],
  ['a fragment that ends well', 'https://evil.tld#www.corp.example'],
  ['a user before the host', 'https://user@intranet.example'],
  ['the host as a user', 'https://intranet.example@evil.tld'],
  ['a user below', 'https://evil.tld@www.corp.example'],
  ['a backslash', String.raw`https://evil.tld\www.corp.example`],
  ['a space before', ' https://intranet.example'],
  ['a space behind', 'https://intranet.example '],
  ['a line break', 'https://evil.tld\n.corp.example'],
  ['a line break behind', 'https://intranet.example\n'],
  ['a NUL', 'https://intranet.example\0'],
  ['two of them', 'https://intranet.example, https://evil.tld'],
  ['two with a space, as RFC 6454 allows', 'https://intranet.example https://www.corp.example'],
  ['the same twice', 'https://intranet.example,https://intranet.example'],
  ['an encoded dot', 'https://www%2ecorp.example'],
  ['letters that are not ASCII', 'https://bücher.example'],
  ['a Cyrillic letter', 'https://www.соrp.example'],
  ['a full width dot', 'https://www．corp.example'],
  ['an ideographic dot', 'https://www。corp.example'],
  ['a soft hyphen', 'https://intra\u00adnet.example'],
  ['another address', 'https://192.0.2.70'],
  ['an address in another spelling', 'https://3221225991'],
  ['another IPv6 address', 'http://[2001:db8::70]:8080'],
  ['an IPv6 address in full', 'http://[2001:db8:0:0:0:0:0:7]:8080'],
  ['an IPv6 zone', 'http://[2001:db8::7%25eth0]:8080'],
  ['an IPv6 address and a domain', 'https://[::1].corp.example'],
  ['an underscore', 'https://a_b.corp.example'],
  ['8 kB', `https://${'a'.repeat(8000)}.evil.tld`],
  ['8 kB of dots', `https://${'a.'.repeat(4000)}corp.example.evil.tld`],
  ['a property of all objects', 'constructor'],
];

describe(`P19: of ${PLAYS.length + REFUSED.length} origins, by a list of 8`, () => {
  test.each(PLAYS)('%s may play', (origin) => {
    expect(origins.has(origin)).toBe(true);
  });

  test.each(REFUSED)('%s may not: %j', (_, origin) => {
    expect(origins.has(origin)).toBe(false);
  });

  test('any of 1,000 domains plays below ours, and none around ours does', () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        const { hostname } = new URL(`https://${domain}`);
        const around = [
          `https://${hostname}`,
          `https://${hostname}corp.example`,
          `https://www.corp.example.${hostname}`,
          `https://www.corp.example${hostname}`,
          `http://${hostname}.corp.example`,
        ];
        expect(origins.has(`https://${hostname}.corp.example`)).toBe(true);
        expect(around.filter((origin) => origins.has(origin))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('none of 1,000 texts throws, or plays', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !origins.has(text)),
      { numRuns: 1000 },
    );
  });

  test('16 kB are judged in less than 5 ms, at the best of 10', () => {
    const origin = `https://${'a-'.repeat(4000)}${'a.'.repeat(4000)}!`;
    const tookMs = Array.from({ length: 10 }, () => {
      const startMs = performance.now();
      origins.has(origin);
      return performance.now() - startMs;
    });
    expect(Math.min(...tookMs)).toBeLessThan(5);
  });

  test('an empty list lets nobody play', () => {
    expect(['https://intranet.example', 'null', ''].map((one) => new Origins([]).has(one))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('a list of origins', () => {
  test.each([
    'https://intranet.example',
    'http://localhost',
    'http://localhost:8080',
    'https://*.corp.example',
    'https://*.a.b.example:8443',
    'http://[::1]:8080',
    'https://192.0.2.7',
    'http://plain.example:443',
  ])('may have %s in it', (pattern) => {
    expect(isOriginPattern(pattern)).toBe(true);
  });

  test.each([
    '',
    '*',
    'null',
    'intranet.example',
    'https://*',
    'https://*.example',
    'https://*.[::1]',
    'https://a.*.example',
    'https://*corp.example',
    'https://**.corp.example',
    'https://*.*.corp.example',
    'https://intranet.example/',
    'https://intranet.example:443',
    'http://intranet.example:80',
    'https://intranet.example:0',
    'https://intranet.example:',
    'https://Intranet.example',
    'https://user@intranet.example',
    'https://bücher.example',
    'https://intranet.example, https://other.example',
    'ftp://intranet.example',
    'https://intranet.example\n',
  ])('does not take %j', (pattern) => {
    expect(isOriginPattern(pattern)).toBe(false);
  });
});
