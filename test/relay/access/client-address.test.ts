import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientAddress } from '../../../relay/access/client-address.ts';

const PROXY = '10.0.0.9';

describe('without a proxy', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['127.0.0.1', undefined],
    ['127.9.9.9', undefined],
    ['::1', undefined],
    ['::ffff:127.0.0.1', undefined],
    [undefined, undefined],
  ])('%s is counted as %s', (remote, counted) => {
    expect(clientAddress(remote, undefined, 0)).toBe(counted);
  });

  test('whatever X-Forwarded-For claims is not believed', () => {
    expect(clientAddress('203.0.113.7', '198.51.100.1', 0)).toBe('203.0.113.7');
  });
});

describe('behind', () => {
  test.each<[string, number, string | undefined, string | undefined]>([
    ['1 proxy, whom it heard counts', 1, '198.51.100.1', '198.51.100.1'],
    ['1 proxy, a claim further left does not', 1, '6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['2 proxies, the second from the right counts', 2, '6.6.6.6,198.51.100.1 , 10.0.0.8', '198.51.100.1'],
    ['2 proxies of which one wrote, that one’s word counts', 2, '198.51.100.1', '198.51.100.1'],
    ['1 proxy that wrote nothing, the proxy itself counts', 1, undefined, PROXY],
    ['1 proxy that wrote garbage, the proxy itself counts', 1, '198.51.100.1, unknown', PROXY],
    ['2 proxies, garbage does not let a claim through', 2, '6.6.6.6, _hidden, 10.0.0.8', '10.0.0.8'],
    ['2 proxies of which the nearer wrote garbage, that proxy counts', 2, '198.51.100.1, unknown', PROXY],
    ['1 proxy that writes ports, they are left off', 1, '198.51.100.1:4711', '198.51.100.1'],
    [
      '1 proxy that writes ports and brackets, both are left off',
      1,
      '[2001:db8::1]:443',
      '2001:db8:0:0::/64',
    ],
    ['1 proxy, an IPv6 client is counted by its network', 1, '2001:db8:1:2:9:9:9:9', '2001:db8:1:2::/64'],
  ])('%s', (_, hops, forwardedFor, counted) => {
    expect(clientAddress(PROXY, forwardedFor, hops)).toBe(counted);
  });

  test('a proxy on a Unix socket, whom it heard counts', () => {
    expect(clientAddress(undefined, '198.51.100.1', 1)).toBe('198.51.100.1');
  });
});

test('every address of a /64 is counted as one, however it is written', () => {
  const group = fc.nat(0xffff);
  const groups = fc.tuple(
    fc.integer({ min: 0x2000, max: 0x3fff }),
    ...Array.from({ length: 7 }, () => group),
  );
  fc.assert(
    fc.property(groups, (numbers) => {
      const hex = numbers.map((number) => number.toString(16));
      const canonical = new URL(`http://[${hex.join(':')}]/`).hostname.slice(1, -1);
      const padded = hex.map((text) => text.padStart(4, '0').toUpperCase()).join(':');
      const counted = [hex.join(':'), canonical, padded].map((text) => clientAddress(text, undefined, 0));
      const expected = `${hex.slice(0, 4).join(':')}::/64`;
      expect(counted).toEqual([expected, expected, expected]);
    }),
  );
});

test('every spelling of an IPv6 address is counted as its canonical one is', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
      expect(clientAddress(text, undefined, 0)).toBe(clientAddress(canonical, undefined, 0));
    }),
    { numRuns: 1000 },
  );
});

test('no header makes it throw or yield anything but an address or nothing', () => {
  const soup = fc.stringMatching(/^[\da-f:.,[\] %x]{0,60}$/);
  fc.assert(
    fc.property(soup, fc.nat(3), (forwardedFor, hops) => {
      expect(clientAddress(PROXY, forwardedFor, hops) ?? PROXY).toMatch(
        /^(\d+(\.\d+){3}|[\da-f]+(:[\da-f]+){3}::\/64)$/,
      );
    }),
    { numRuns: 2000 },
  );
});
