import { isIP } from 'node:net';

/**
 * By what the listeners of one place are counted: an IPv4 address, or the first 64 bits of an IPv6 address (a household
 * has as many addresses in it as it likes). `hops` proxies stand in front, each of which added to the right of
 * `X-Forwarded-For` whom it heard; anything further left is the client's own claim. Where a hop wrote no address, the
 * nearest one known counts. Undefined for this machine itself: behind a proxy on it that is not trusted, all would
 * seem to come from one place.
 */
export function clientAddress(
  remote: string | undefined,
  forwardedFor: string | undefined,
  hops: number,
): string | undefined {
  const claims = forwardedFor?.split(',') ?? [];
  let place = placeOf(remote ?? '');
  for (let hop = 1; hop <= hops; hop++) {
    const nearer = placeOf(claims[claims.length - hop] ?? '');
    if (nearer === undefined) break;
    place = nearer;
  }
  return place === undefined || place === LOOPBACK_V6 || place.startsWith('127.') ? undefined : place;
}

const LOOPBACK_V6 = '::1';

/** The address without port, zone and brackets; undefined for what is none. */
function placeOf(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
  const address = bare.replace(/%.*$/, '');
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return networkOf(groupsOf(address));
    default:
      return undefined;
  }
}

/** The 8 groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.replace(/[\d.]+\.\d+$/, hexOfDotted).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

/** `192.0.2.1`, the last part of an IPv6 address, as `c000:201`. */
function hexOfDotted(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function networkOf(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0)) {
    if (groups[5] === 0xffff) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
    if (groups[5] === 0 && high === 0 && low === 1) return LOOPBACK_V6;
  }
  const hex = groups.slice(0, 4).map((group) => group.toString(16));
  return `${hex.join(':')}::/64`;
}
