import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { readConfig } from '../../relay/config/config.ts';
import { envName, flagName } from '../../relay/config/setting-sources.ts';
import { SETTING_NAMES } from '../../relay/config/settings.ts';
import { anyJson, anyText, hunt, MOST_MS } from './campaign.ts';
import { few } from './forged-token.ts';

/** What must never be told. */
const SECRET = 'hunter2 and thirty letters more, at least';
const PIN = '97531864';

/** Where settings come from; `files` are what `…File` settings may name. */
const Case = v.strictObject({
  file: v.nullable(v.string()),
  env: v.record(v.string(), v.string()),
  flags: v.record(v.string(), v.string()),
  files: v.record(v.string(), v.string()),
});

const secretJson = fc.constantFrom(
  `"${SECRET}"`,
  `"${SECRET.slice(0, 20)}"`,
  `["${SECRET}"]`,
  `{"key":"${SECRET}"}`,
  `"${SECRET}\\u0000"`,
);
const pinJson = fc.constantFrom(
  `"${PIN}"`,
  PIN,
  `"${PIN}${PIN}"`,
  `"${PIN} "`,
  `["${PIN}"]`,
  `{"pin":"${PIN}"}`,
  `-${PIN}.5`,
);
const value = fc.oneof(
  anyJson.map((json) => json || '0'),
  fc.constantFrom('true', '"true"', '8080', '"8080"', '-1', '1e9', '65536', '190', '""', 'null', '[]', '{}'),
  fc.constantFrom(
    '"https://relay.example"',
    '"http://a/b"',
    '"javascript:1"',
    '"127.0.0.1"',
    '"::"',
    '"0.0.0.0"',
    '"origin"',
  ),
);
const roomField = fc.oneof(
  fc.tuple(fc.constantFrom('pin', 'hostPin', 'pins', 'Pin'), pinJson),
  fc.tuple(
    fc.constantFrom(
      'title',
      'source',
      'number',
      'access',
      'origins',
      'silence',
      'showListeners',
      'x',
      '__proto__',
    ),
    value,
  ),
  fc.tuple(fc.constant('access'), fc.constantFrom('"open"', '"origin"', '"ticket"')),
  fc.tuple(fc.constant('id'), value),
);
const room = fc
  .tuple(fc.constantFrom('"a"', '"b"', '"All"'), fc.array(roomField, { maxLength: 4 }))
  .map(([id, fields]) => objectOf([['id', id], ...fields]));
const rooms = fc.array(room, { maxLength: 3 }).map((list) => `[${list.join()}]`);
const isSecretName = (name: string): boolean => /secret|key$/i.test(name);
const setting = fc.constantFrom(...SETTING_NAMES).chain((name) => {
  if (name === 'rooms') return fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: rooms }, value));
  return fc.tuple(fc.constant<string>(name), isSecretName(name) ? secretJson : value);
});
const settings = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: setting },
    fc.tuple(
      fc.constantFrom('ticketSecretFile', 'roomsFile', 'admin.keyFile'),
      fc.constantFrom('"a.txt"', '"none"', '7'),
    ),
    fc
      .tuple(anyText, value)
      .map(([name, json]): [string, string] => [JSON.stringify(name).slice(1, -1), json]),
  ),
  { maxLength: 6 },
);
const cut = fc.record({
  at: fc.nat(500),
  removed: fc.nat(4),
  put: fc.oneof(fc.constantFrom('', ',', '"', '}', ']'), anyText),
});

function objectOf(fields: readonly (readonly string[])[]): string {
  return `{${fields.map(([name, json]) => `"${name}":${json}`).join()}}`;
}

/** A setting as a flag or a variable has it: text that is no JSON, or JSON of a list. */
function bare(json: string): string {
  const text = /^"([^"\\]*)"$/.exec(json)?.[1];
  return text ?? json;
}

const file = fc.tuple(settings, few(cut, 2)).map(([fields, cuts]) => {
  let text = objectOf(fields);
  for (const { at, removed, put } of cuts) {
    const place = at % text.length;
    text = text.slice(0, place) + put + text.slice(place + removed);
  }
  return text;
});
const outside = (nameOf: (name: string) => string) =>
  few(settings, 1).map((lists) =>
    Object.fromEntries(lists.flat().map(([name, json]) => [nameOf(name), bare(json)])),
  );
const madeUp: fc.Arbitrary<v.InferOutput<typeof Case>> = fc.record({
  file: fc.option(fc.oneof({ weight: 6, arbitrary: file }, anyJson, anyText)),
  env: outside(envName),
  flags: outside(flagName),
  files: fc.record({ 'a.txt': fc.oneof(fc.constantFrom(SECRET, `[{"id":"a","pin":"${PIN}",}]`), anyText) }),
});

test(
  '10,000 configurations are each whole and in bounds, or refused with names and reasons that tell no secret and no PIN',
  async () => {
    await hunt({ name: 'config', written: Case, madeUp }, ({ file: fileText, env, flags, files }) => {
      const reading = readConfig({
        flags,
        env,
        fileText: fileText ?? undefined,
        readText: (path) => {
          const text = files[path];
          if (text === undefined) throw new Error(`no such file: ${path}`);
          return text;
        },
      });
      switch (reading.kind) {
        case 'config': {
          const { config } = reading;
          const ids = config.rooms.map(({ id }) => id);
          expect([ids.length > 0, new Set(ids).size]).toEqual([true, ids.length]);
          for (const each of config.rooms) {
            expect(each.id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
            expect([each.chunkMs >= 20, each.chunkMs <= 1000, each.chunkMs % 20]).toEqual([true, true, 0]);
            if (each.pin !== undefined) expect(each.pin).toMatch(/^\d{4,12}$/);
          }
          expect(config.port >= 0 && config.port <= 65_535).toBe(true);
          for (const secret of [config.tickets.secret, config.tickets.previousSecret, config.admin?.key])
            if (secret !== undefined) expect(Buffer.byteLength(secret)).toBeGreaterThanOrEqual(32);
          return;
        }
        case 'faults':
          expect(reading.faults.length).toBeGreaterThan(0);
          for (const { name, detail } of reading.faults) {
            expect(detail).toMatch(/\S/);
            const told = `${name} ${detail}`;
            for (const secret of [SECRET.slice(0, 7), PIN]) expect(told).not.toContain(secret);
            expect(told.length).toBeLessThan(2000);
          }
          return;
        default:
          reading satisfies never;
      }
    });
  },
  MOST_MS,
);
