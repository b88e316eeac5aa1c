import { describe, expect, test } from 'vitest';
import { rowKey, unackedBytes } from '../../../relay/fanout/tcp-table.ts';

/** As Linux 6.18 prints them: columns cut behind the third timer. */
const TABLE = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 646163 1
   1: 0100007F:1F90 0100007F:C350 01 0003D090:00000000 01:00000014 00000000     0        0 646164 2
10002: 0100007F:1F90 0100007F:C351 01 00000000:00000000 00:00000000 00000000     0        0 646165 1
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 0000000000000000FFFF00000100007F:1F40 0000000000000000FFFF00000100007F:8CD2 01 0000000A:00000000 03:0000085E
   2: B80D0120000000000000000001000000:1F40 B80D0120030002000000000005000000:C000 01 0000000B:00000000 03:0000085E
`;

const ends = (localAddress: string, localPort: number, remoteAddress: string, remotePort: number) => ({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
});

describe('a connection’s row in the kernel’s table', () => {
  test.each([
    ['IPv4', ends('127.0.0.1', 8080, '127.0.0.1', 50_000), 250_000],
    ['IPv4 with a slot of 5 digits, all acknowledged', ends('127.0.0.1', 8080, '127.0.0.1', 50_001), 0],
    ['IPv4 on a socket of both families', ends('::ffff:127.0.0.1', 8000, '::ffff:127.0.0.1', 36_050), 10],
    ['IPv6', ends('2001:db8::1', 8000, '2001:db8:2:3::5', 49_152), 11],
    ['IPv6 with a zone', ends('2001:db8::1%eth0', 8000, '2001:db8:2:3:0:0:0:5', 49_152), 11],
  ])('is found for %s: %j waits with %i bytes', (_, socket, bytes) => {
    const key = rowKey(socket) ?? '';
    expect([...unackedBytes(TABLE, new Set([key]))]).toEqual([[key, bytes]]);
  });

  test.each([
    ['another port', ends('127.0.0.1', 8080, '127.0.0.1', 50_002)],
    ['both ends swapped', ends('127.0.0.1', 50_000, '127.0.0.1', 8080)],
    ['the IPv6 loopback', ends('::1', 8080, '::1', 50_000)],
  ])('is not found for %s', (_, socket) => {
    expect(unackedBytes(TABLE, new Set([rowKey(socket) ?? ''])).size).toBe(0);
  });

  test('the loopback and the unspecified address of IPv6 are 16 bytes', () => {
    expect(rowKey(ends('::1', 1, '::', 0))).toBe(
      '00000000000000000000000001000000:0001 00000000000000000000000000000000:0000',
    );
  });

  test('a socket that is not connected has none', () => {
    expect(
      rowKey({ localAddress: '127.0.0.1', localPort: 1, remoteAddress: undefined, remotePort: undefined }),
    ).toBe(undefined);
  });
});

test('text that is no table has no rows, whatever it is', () => {
  for (const text of ['', 'x'.repeat(10_000), '  1: zz:1 yy:2 01 00000001:0', '\u0000\n:::'])
    expect(unackedBytes(text, new Set([''])).size).toBe(0);
});
