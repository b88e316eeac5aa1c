import * as v from 'valibot';
import { envName } from '../config/setting-sources.ts';
import { SETTING_NAMES, SettingsSchema, describeSetting } from '../config/settings.ts';

/** What a settings file is to hold: settings by name (`…File` for those in a file of their own). */
export type SettingValues = ReadonlyMap<string, unknown>;

const MAX_COLUMNS = 110;

/** `conf-relay.json` with what each setting means above it. `schema`: where its JSON schema lies. */
export function settingsText(values: SettingValues, schema: string): string {
  const members = [`  "$schema": ${JSON.stringify(schema)}`];
  const groups = new Set<string>();
  for (const name of SETTING_NAMES) {
    const [group = '', inner] = name.split('.');
    if (inner === undefined) members.push(...membersOf(values, name, name, '  '));
    else if (!groups.has(group)) {
      groups.add(group);
      const all = SETTING_NAMES.filter((one) => one.startsWith(`${group}.`));
      const inners = all.flatMap((one) => membersOf(values, one, one.slice(group.length + 1), '    '));
      if (inners.length > 0) members.push(`  ${JSON.stringify(group)}: {\n${inners.join(',\n')}\n  }`);
    }
  }
  return `// Settings of conf-relay. All there are: conf-relay settings. Secrets stand in .env.\n{\n${members.join(',\n')}\n}\n`;
}

function membersOf(
  values: SettingValues,
  name: (typeof SETTING_NAMES)[number],
  key: string,
  indent: string,
): string[] {
  const { doc } = describeSetting(name);
  return [
    [key, values.get(name), doc],
    [`${key}File`, values.get(`${name}File`), `File that holds it: ${doc}`],
  ].flatMap(([shown, value, text]) => {
    if (value === undefined) return [];
    const json = JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
    return [`${commentOf(String(text), indent)}${indent}${JSON.stringify(shown)}: ${json}`];
  });
}

/** Lines of a comment, broken between words. */
function commentOf(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + indent.length + 4 > MAX_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${indent}// ${line}\n`).join('');
}

/** `.env` with these secrets, by the names of their settings; none has a line break. */
export function secretsText(secrets: ReadonlyMap<string, string>): string {
  const lines = [...secrets].map(([name, secret]) => {
    const isPlain = /^[\w+/=.-]+$/.test(secret);
    return `${envName(name)}=${isPlain ? secret : `'${secret}'`}\n`;
  });
  return `# Secrets of conf-relay: for the relay's user only, and for no repository.\n${lines.join('')}`;
}

/** A setting's value from its text, as it should stand in a file: numbers as numbers. The text where it is wrong. */
export function writtenValue(name: (typeof SETTING_NAMES)[number], text: string): unknown {
  const result = v.safeParse(SettingsSchema.entries[name], text);
  return result.success ? result.output : text;
}
