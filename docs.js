// npm run docs: the tables of the readmes, from dist/custom-elements.json and the relay's settings, and the schema of
// its settings file; `--check` only compares. What editors read of the element is
// written from here too, while the manifest is: 60 lines, where the packages for it bring a code formatter along.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MANIFEST = 'dist/custom-elements.json';
const READMES = ['component/README.md', 'README.md', 'relay/README.md'];
const SETTINGS_SCHEMA = 'relay/conf-relay.schema.json';

/** The element's one declaration. */
function readPlayer() {
  return JSON.parse(readFileSync(MANIFEST, 'utf8')).modules[0].declarations[0];
}

const code = (text) => `\`${text}\``;
/** The words of a union of strings; none for any other type. */
const wordsOf = ({ text }) => [...text.matchAll(/'([^']+)'/g)].map(([, word]) => word);
const plain = (value) => value?.replace(/^'(.*)'$/, '$1') ?? '';
const onOneLine = (text) => text.replaceAll('\n', ' ');
/** `Promise<void>`, as a method's readers see it: with what it takes. */
const signatureOf = ({ name, parameters = [], static: isStatic }) =>
  `${isStatic ? 'ConfListener.' : ''}${name}(${parameters.map((one) => one.name + (one.default ? '?' : '')).join(', ')})`;

/** Rows of a table: names, as `wrap` writes them, and what is said of them. */
const rowsOf = (items, wrap = code) => items.map(({ name, description }) => [wrap(name), description]);
/** What editors are told of names. */
const named = (items, wrap = (name) => name) =>
  items.map(({ name, description }) => ({ name: wrap(name), description }));

/** A Markdown table whose columns are as wide as their widest cell. */
function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => onOneLine(cell).replaceAll('|', '\\|')));
  const widths = head.map((_, n) => Math.max(3, ...cells.map((row) => row[n].length)));
  const line = (row) => `| ${row.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`;
  return [line(cells[0]), line(widths.map((width) => '-'.repeat(width))), ...cells.slice(1).map(line)].join(
    '\n',
  );
}

/** The reference's tables, by the name in their marker. */
function tablesOf(player) {
  const fields = player.members.filter(({ kind, attribute }) => kind === 'field' && !attribute);
  return {
    attributes: table(
      ['attribute', 'value', 'default', 'meaning'],
      player.attributes.map(({ name, type, default: value, description }) => [
        code(name),
        wordsOf(type).map(code).join(', ') || type.text,
        plain(value) === '' ? '' : type.text === 'boolean' ? 'off' : code(plain(value)),
        description,
      ]),
    ),
    properties: table(
      ['property', 'type', 'meaning'],
      fields.map(({ name, type, description, readonly, static: isStatic }) => [
        code(isStatic ? `ConfListener.${name}` : name),
        code(type.text),
        readonly ? description : `${description} Yours to set.`,
      ]),
    ),
    methods: table(
      ['method', 'gives', 'does'],
      player.members
        .filter(({ kind }) => kind === 'method')
        .map((method) => [
          code(signatureOf(method)),
          method.return.type.text === 'void' ? '' : code(method.return.type.text),
          method.description,
        ]),
    ),
    events: table(['event', '`detail`, and when'], rowsOf(player.events)),
    slots: table(
      ['slot', 'what goes there'],
      rowsOf(player.slots, (name) => (name ? code(name) : '(default)')),
    ),
    parts: table(['part', 'what it is'], rowsOf(player.cssParts)),
    tokens: table(
      ['custom property', 'default', 'colours or sizes'],
      player.cssProperties.map(({ name, default: value, description }) => [
        code(name),
        code(value),
        description,
      ]),
    ),
    states: table(['state', 'holds while'], rowsOf(player.cssStates)),
  };
}

/** The tables of the relay's settings, by the name in their marker. */
function settingsTables({ settings, room }) {
  return {
    settings: table(['setting', 'variable', 'default', 'meaning'], settings),
    room: table(['field', 'default', 'meaning'], room),
  };
}

/** A text with what stands between its markers `<!-- docs:name -->` and `<!-- /docs -->` written anew. */
function withTables(text, tables) {
  return text.replace(/(<!-- docs:([a-z]+) -->\n)[\s\S]*?(<!-- \/docs -->)/g, (_, start, name, end) => {
    if (!tables[name])
      throw new Error(`there is no table "${name}"; there are ${Object.keys(tables).join(', ')}`);
    return `${start}\n${tables[name]}\n\n${end}`;
  });
}

/** VS Code's custom data for HTML: tag, attributes and their words. */
function htmlDataOf(player) {
  const attributes = player.attributes.map(({ name, type, description }) => {
    const words = wordsOf(type).map((word) => ({ name: word }));
    return {
      name,
      description,
      ...(type.text === 'boolean' && { valueSet: 'v' }),
      ...(words.length && { values: words }),
    };
  });
  return { version: 1.1, tags: [{ name: player.tagName, description: player.description, attributes }] };
}

/** VS Code's custom data for CSS: custom properties, parts and states. */
function cssDataOf(player) {
  return {
    version: 1.1,
    properties: named(player.cssProperties),
    pseudoElements: named(player.cssParts, (name) => `::part(${name})`),
    pseudoClasses: named(player.cssStates, (name) => `:state(${name})`),
  };
}

/** What JetBrains' editors read (https://github.com/JetBrains/web-types). */
function webTypesOf(player) {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const attributes = player.attributes.map(({ name: of, type, default: value, description }) => {
    const kind = type.text === 'boolean' ? { kind: 'no-value', type: 'boolean' } : { type: type.text };
    return { name: of, description, value: { ...kind, default: plain(value) } };
  });
  const properties = player.members
    .filter(({ kind, static: isStatic }) => kind === 'field' && !isStatic)
    .map(({ name: of, type, description, readonly }) => ({
      name: of,
      description,
      type: type.text,
      ...(readonly && { 'read-only': true }),
    }));
  const element = {
    name: player.tagName,
    description: player.description,
    attributes,
    slots: named(player.slots),
    js: {
      properties,
      events: player.events.map(({ name: of, type, description }) => ({
        name: of,
        description,
        type: type.text,
      })),
    },
    css: {
      properties: named(player.cssProperties),
      parts: named(player.cssParts),
      'pseudo-classes': named(player.cssStates, (of) => `state(${of})`),
    },
  };
  return {
    $schema: 'https://raw.githubusercontent.com/JetBrains/web-types/master/schema/web-types.json',
    name,
    version,
    'description-markup': 'markdown',
    contributions: { html: { elements: [element] } },
  };
}

/** Writes what editors read, beside the manifest. */
export function writeEditorData(player) {
  const files = {
    'vscode.html-custom-data.json': htmlDataOf(player),
    'vscode.css-custom-data.json': cssDataOf(player),
    'web-types.json': webTypesOf(player),
  };
  for (const [file, data] of Object.entries(files))
    writeFileSync(`dist/${file}`, `${JSON.stringify(data, null, 2)}\n`);
}

if (import.meta.filename === process.argv[1]) {
  // The manifest's own tool reads this file too, and has no use for what that loads.
  const { settingsJsonSchema, settingsRows } = await import('./relay/config/settings-docs.js');
  const tables = { ...tablesOf(readPlayer()), ...settingsTables(await settingsRows()) };
  const written = new Map(READMES.map((file) => [file, withTables(readFileSync(file, 'utf8'), tables)]));
  written.set(SETTINGS_SCHEMA, `${JSON.stringify(await settingsJsonSchema(), null, 2)}\n`);
  for (const [file, fresh] of written) {
    if (existsSync(file) && fresh === readFileSync(file, 'utf8')) continue;
    if (!process.argv.includes('--check')) writeFileSync(file, fresh);
    else {
      process.stderr.write(`${file} is not what the sources say: npm run docs\n`);
      process.exitCode = 1;
    }
  }
}
