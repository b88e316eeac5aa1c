import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { RoomSettingsSchema } from '../../relay/config/room-settings.ts';
import { SETTING_NAMES, SettingsSchema, describeSetting, mayBeFile } from '../../relay/config/settings.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Of a JSON schema, what is looked at. */
interface Schema {
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean;
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const schema: Schema = JSON.parse(read('relay/conf-relay.schema.json'));

/** The schema's properties by dotted names; lists are whole. */
const flat = new Map(
  Object.entries(schema.properties ?? {}).flatMap(([name, value]) =>
    value.properties === undefined
      ? [[name, value] as const]
      : Object.entries(value.properties).map(([inner, one]) => [`${name}.${inner}`, one] as const),
  ),
);

/** First cells of the rows of a table in relay/README.md, without their backticks. */
function firstCells(marker: string): string[] {
  const [, text = ''] =
    new RegExp(`<!-- docs:${marker} -->([\\s\\S]*?)<!-- /docs -->`).exec(read('relay/README.md')) ?? [];
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}

test("the settings' tables and schema are what the sources say", async () => {
  const checked = promisify(execFile)(process.execPath, ['docs.js', '--check'], { cwd: ROOT });
  await expect(checked).resolves.toEqual({ stdout: '', stderr: '' });
});

test('every setting and every field of a room is described, and has its row', () => {
  const fields = Object.entries(RoomSettingsSchema.entries);
  expect(SETTING_NAMES.filter((name) => describeSetting(name).doc === '')).toEqual([]);
  expect(fields.filter(([, field]) => v.getDescription(field) === undefined)).toEqual([]);
  expect(firstCells('settings')).toEqual(SETTING_NAMES);
  expect(firstCells('room')).toEqual(fields.map(([name]) => name));
});

test('the schema knows the settings, the files that may hold them, and no others, each with its description', () => {
  const names = SETTING_NAMES.flatMap((name) => (mayBeFile(name) ? [name, `${name}File`] : [name]));
  expect([...flat.keys()].toSorted()).toEqual(['$schema', ...names].toSorted());
  expect([...flat.values()].filter(({ description }) => !description)).toEqual([]);
  expect(schema.additionalProperties).toBe(false);
});

test('its defaults are those of the settings', () => {
  for (const name of SETTING_NAMES.filter((one) => one !== 'rooms')) {
    expect([name, flat.get(name)?.default]).toEqual([name, v.getDefault(SettingsSchema.entries[name])]);
  }
});

test('its rooms have the fields of a room, described, and no others', () => {
  const { properties = {}, additionalProperties } = flat.get('rooms')?.items ?? {};
  expect(Object.keys(properties)).toEqual(Object.keys(RoomSettingsSchema.entries));
  expect(Object.values(properties).filter(({ description }) => !description)).toEqual([]);
  expect(additionalProperties).toBe(false);
});

test('the example names it', () => {
  const { $schema }: { $schema: string } = JSON.parse(read('relay/conf-relay.example.json'));
  expect(existsSync(join(ROOT, 'relay', $schema))).toBe(true);
});
