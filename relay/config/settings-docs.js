// Part of npm run docs: the settings as operators and editors read them, made from the schemas that check them.
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { runnerImport } from 'vite';

const code = (text) => `\`${text}\``;

/** A module of the sources. */
async function source(path) {
  const { module } = await runnerImport(path, { configFile: false });
  return module;
}

/** Conditions that a schema cannot say are left to the relay. Text counts as a number for flags and variables only. */
const CONVERSION = {
  errorMode: 'ignore',
  typeMode: 'input',
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    if (valibotSchema.type !== 'union') return undefined;
    const [first] = valibotSchema.options;
    return ['number', 'boolean'].includes(first?.type)
      ? { ...withBounds(valibotSchema), type: first.type }
      : jsonSchema;
  },
};

/** Bounds stand behind the union of a number and its text. */
function withBounds({ pipe = [] }) {
  const bounds = {};
  for (const { type, requirement } of pipe) {
    if (type === 'min_value') bounds.minimum = requirement;
    if (type === 'max_value') bounds.maximum = requirement;
  }
  return bounds;
}

/** Without what editors do not know. A description behind a transformation would be lost. */
function jsonSchemaOf(schema) {
  const { $schema: _, secret: __, file: ___, ...converted } = toJsonSchema(schema, CONVERSION);
  const description = v.getDescription(schema);
  return description === undefined ? converted : { description, ...converted };
}

function roomJsonSchema(schema) {
  const room = jsonSchemaOf(schema);
  const fields = Object.entries(schema.entries).map(([name, field]) => [name, jsonSchemaOf(field)]);
  return { ...room, properties: Object.fromEntries(fields) };
}

/** JSON schema of `conf-relay.json`: dots of names are nesting, and what may stand in a file has a `…File` beside it. */
export async function settingsJsonSchema() {
  const { SETTING_NAMES, SettingsSchema, mayBeFile } = await source('./relay/config/settings.ts');
  const { RoomSettingsSchema } = await source('./relay/config/room-settings.ts');
  const properties = { $schema: { type: 'string', description: 'Where this schema lies.' } };
  for (const name of SETTING_NAMES) {
    const description = v.getDescription(SettingsSchema.entries[name]);
    const value =
      name === 'rooms'
        ? { description, type: 'array', minItems: 1, items: roomJsonSchema(RoomSettingsSchema) }
        : jsonSchemaOf(SettingsSchema.entries[name]);
    const [group, inner] = name.split('.');
    if (inner !== undefined)
      properties[group] ??= { type: 'object', additionalProperties: false, properties: {} };
    const among = inner === undefined ? properties : properties[group].properties;
    among[inner ?? group] = value;
    if (mayBeFile(name))
      among[`${inner ?? group}File`] = {
        type: 'string',
        minLength: 1,
        description: `File that holds it: ${description}`,
      };
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of conf-relay',
    type: 'object',
    additionalProperties: false,
    properties,
  };
}

/** Rows of the settings' table, and of a room's: cells as Markdown. */
export async function settingsRows() {
  const { SETTING_NAMES, describeSetting, mayBeFile } = await source('./relay/config/settings.ts');
  const { RoomSettingsSchema } = await source('./relay/config/room-settings.ts');
  const { envName } = await source('./relay/config/setting-sources.ts');
  return {
    settings: SETTING_NAMES.map((name) => {
      const { doc, fallback } = describeSetting(name);
      const variables = [envName(name), ...(mayBeFile(name) ? [`${envName(name)}_FILE`] : [])];
      return [code(name), variables.map(code).join(', '), fallback === 'none' ? '' : code(fallback), doc];
    }),
    room: Object.entries(RoomSettingsSchema.entries).map(([name, schema]) => [
      code(name),
      v.getDefault(schema) === undefined ? '' : code(v.getDefault(schema)),
      v.getDescription(schema),
    ]),
  };
}
