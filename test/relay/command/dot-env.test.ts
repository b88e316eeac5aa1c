import { describe, expect, test } from 'vitest';
import { environmentOver, readDotEnv } from '../../../relay/command/dot-env.ts';
import { loadConfig } from '../../../relay/command/settings-files.ts';
import type { ConfigFault } from '../../../relay/config/setting-sources.ts';
import { SECRET } from '../house.ts';

/** Values, and faults as they are printed. */
function read(text: string): { values: Record<string, string>; faults: string[] } {
  const faults: ConfigFault[] = [];
  const values = Object.fromEntries(readDotEnv(text, faults));
  return { values, faults: faults.map(({ name, detail }) => `${name} ${detail}`) };
}

describe('.env', () => {
  test.each([
    ['A=b', 'b'],
    ['  A = b  ', 'b'],
    ['export A=b', 'b'],
    ['A=b=c==', 'b=c=='],
    ['A=b # what it is', 'b'],
    ['A=b#c', 'b#c'],
    ['A="b # c"', 'b # c'],
    ['A=\'b "c" \\n\'', 'b "c" \\n'],
    ['A="line\\nline" # a key', 'line\nline'],
    ['A=', ''],
    ['# nothing\n\nA=b\r\n', 'b'],
  ])('%j is %j', (text, value) => {
    expect(read(text)).toEqual({ values: { A: value }, faults: [] });
  });

  test.each([
    ['A', 'line 1 is not NAME=value'],
    ['\n1A=b', 'line 2 is not NAME=value'],
    ['A="b', 'line 1 is not NAME=value'],
    ['A=1\nA=2', 'has A twice'],
    [`A=${'x'.repeat(100_000)}`, 'is longer than 100 kB'],
  ])('%.20j is refused by its number: %s', (text, detail) => {
    expect(read(text).faults).toEqual([`.env ${detail}`]);
  });

  test('the environment wins, also where it names a file and .env the secret itself, or the other way round', () => {
    const file = new Map([
      ['CONF_PORT', '1'],
      ['CONF_HOST', 'a'],
      ['CONF_TICKET_SECRET', 'old'],
      ['CONF_ADMIN_KEY_FILE', 'old'],
      ['NODE_OPTIONS', '--inspect'],
    ]);
    const env = { CONF_PORT: '2', CONF_TICKET_SECRET_FILE: 'new', CONF_ADMIN_KEY: 'new' };
    expect(environmentOver(file, env)).toEqual({ CONF_HOST: 'a', ...env });
  });
});

/** What {@link loadConfig} makes of these files. */
function load(files: Record<string, string>, flags = {}, env = {}) {
  const readText = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    return text;
  };
  const reading = loadConfig({ flags, env, readText });
  if (reading.kind === 'faults') return reading.faults.map(({ name, detail }) => `${name} ${detail}`);
  return { port: reading.config.port, secret: reading.config.tickets.secret };
}

describe('where the settings are read', () => {
  test('flags win over environment, that over .env, that over conf-relay.json, that over defaults', () => {
    const files = { '.env': 'CONF_PORT=2\n', 'conf-relay.json': '{"port":1}' };
    expect([
      load({}),
      load({ 'conf-relay.json': '{"port":1}' }),
      load(files),
      load(files, {}, { CONF_PORT: '3' }),
      load(files, { port: '4' }, { CONF_PORT: '3' }),
    ]).toMatchObject([{ port: 8080 }, { port: 1 }, { port: 2 }, { port: 3 }, { port: 4 }]);
  });

  test('a secret comes from .env, and a name there that is no setting is a fault', () => {
    expect(load({ '.env': `CONF_TICKET_SECRET='${SECRET}'` })).toMatchObject({ secret: SECRET });
    expect(load({ '.env': 'CONF_TICKET_SECRT=x' })).toEqual([
      'CONF_TICKET_SECRT is not a setting; "conf-relay settings" lists them',
    ]);
  });

  test('--config, or CONF_CONFIG of either, names another file, which must be there', () => {
    const files = { 'other.json': '{"port":5}', '.env': 'CONF_CONFIG=other.json' };
    expect(load(files)).toMatchObject({ port: 5 });
    expect(load(files, { config: 'none.json' })).toEqual([
      'the settings file cannot be read: none.json (ENOENT)',
    ]);
  });

  test('comments may stand in the file, and // in a string is none', () => {
    const text = '// first\n{ "port": 7, // "port": 8\n "publicUrl": "https://relay.example" } // last';
    expect(load({ 'conf-relay.json': text })).toMatchObject({ port: 7 });
    expect(load({ 'conf-relay.json': '{ "port": 7 /* no */ }' })).toEqual(['conf-relay.json is not JSON']);
    expect(load({ 'conf-relay.json': '{ "host": "a // b\n" }' })).toEqual(['conf-relay.json is not JSON']);
  });

  test('the address of a schema may stand there, once and as a text', () => {
    expect(load({ 'conf-relay.json': '{"$schema":"a.json"}' })).toMatchObject({ port: 8080 });
    expect(load({ 'conf-relay.json': '{"$schema":1}' })).toEqual([
      '$schema is not a setting; "conf-relay settings" lists them',
    ]);
  });
});
