import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const DIST = join(import.meta.dirname, '../dist/component');

/** What each script may weigh, as the relay sends it to a browser that takes gzip. */
const LIMITS = [
  { scripts: /^conf-listener(\.iife)?\.js$/, count: 2, maxBytes: 14_000 },
  { scripts: /^conf-session-[\w-]{8}\.js$/, count: 1, maxBytes: 12_500 },
  { scripts: /^lang\/[a-z]{2}\.js$/, count: 10, maxBytes: 1200 },
];

describe('after npm run build', () => {
  const built = readdirSync(DIST, { recursive: true, encoding: 'utf8' });

  test.each(LIMITS)('$count scripts $scripts weigh at most $maxBytes bytes, gzipped', (limit) => {
    const found = built
      .filter((name) => limit.scripts.test(name))
      .map((name) => ({ name, bytes: statSync(join(DIST, `${name}.gz`)).size }));
    expect(found).toHaveLength(limit.count);
    expect(found.filter(({ bytes }) => bytes > limit.maxBytes)).toEqual([]);
  });

  test('there is no other script: what a page loads is one of these', () => {
    const others = built.filter(
      (name) => name.endsWith('.js') && !LIMITS.some(({ scripts }) => scripts.test(name)),
    );
    expect(others).toEqual([]);
  });
});
