import { isIP, type Socket } from 'node:net';

/** A connection's row: slot, both ends, state, bytes that wait to be sent or acknowledged (proc_net_tcp(5)). */
const ROW = /^ *\d+: ([0-9A-F]{8,32}:[0-9A-F]{4} [0-9A-F]{8,32}:[0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8,16}):/gm;

/**
 * Bytes that the peers of the wanted connections have not acknowledged, by {@link rowKey}, out of the text of Linux'
 * `/proc/net/tcp` or `tcp6`. Rows that cannot be read are left out.
 */
export function unackedBytes(table: string, wanted: ReadonlySet<string>): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, key = '', queued = ''] of table.matchAll(ROW)) {
    if (wanted.has(key)) found.set(key, Number.parseInt(queued, 16));
  }
  return found;
}

/** Both ends of a connection. */
export type Ends = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>;

/** Both ends of a connection as the table of its address family has them; undefined for one that is not connected. */
export function rowKey({ localAddress, localPort, remoteAddress, remotePort }: Ends): string | undefined {
  const local = addressHex(localAddress);
  const remote = addressHex(remoteAddress);
  if (local === undefined || remote === undefined) return undefined;
  return `${local}:${portHex(localPort)} ${remote}:${portHex(remotePort)}`;
}

function portHex(port = 0): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** Four bytes, or four times four bytes, each four as one little-endian number. */
function addressHex(address = ''): string | undefined {
  const bare = address.replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return reversedHex(bare.split('.').map(Number));
    case 6: {
      const bytes = bytesOfV6(bare);
      return [0, 4, 8, 12].map((at) => reversedHex(bytes.slice(at, at + 4))).join('');
    }
    default:
      return undefined;
  }
}

/** The 16 bytes of a valid IPv6 address; its end may be written as IPv4. */
function bytesOfV6(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = bytesOfGroups(head);
  const after = bytesOfGroups(tail ?? '');
  return [...before, ...Array.from({ length: 16 - before.length - after.length }, () => 0), ...after];
}

function bytesOfGroups(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function reversedHex(bytes: readonly number[]): string {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  return hex.toReversed().join('').toUpperCase();
}
