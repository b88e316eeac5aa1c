import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Attributes } from '../../component/attributes.ts';
import { ConfListener } from '../../component/conf-listener.ts';
import { PLAYER_PX } from '../../relay/pages/builder-code.ts';
import { snippetsOf } from '../support/snippets.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Named {
  name: string;
  description?: string;
}

interface Player {
  attributes: (Named & { fieldName: string; type: { text: string }; default?: string })[];
  members: (Named & {
    kind: string;
    static?: boolean;
    type?: { text: string };
    attribute?: string;
    reflects?: boolean;
  })[];
  events: (Named & { type: { text: string } })[];
  slots: Named[];
  cssParts: Named[];
  cssProperties: (Named & { default: string })[];
  cssStates: Named[];
}

/** What the player's parents call, the tools of its class, and what HTML has itself. */
const INSIDE =
  /^(constructor|on[A-Z]\w+|willUpdate|firstUpdated|render|styles|properties|length|name|prototype|finalized|elementStyles|elementProperties|observedAttributes)$/;

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const { modules }: { modules: { declarations: Player[] }[] } = JSON.parse(read('dist/custom-elements.json'));
const declarations = modules.flatMap((module) => module.declarations);
const player = declarations[0] ?? fail();
const template = read('component/conf-listener.template.ts') + read('component/icons.ts');

const isPublic = (name: string): boolean => !INSIDE.test(name) && !name.startsWith('_');
const wordIn = (literal: string): string => literal.replace(/^'(.*)'$/, '$1');
const namesOf = (items: readonly Named[]): string[] => items.map(({ name }) => name).toSorted();
const found = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].toSorted();

test('the manifest has one declaration, and everything in it is described', () => {
  expect(declarations).toHaveLength(1);
  const { attributes, members, events, slots, cssParts, cssProperties, cssStates } = player;
  const all = [attributes, members, events, slots, cssParts, cssProperties, cssStates].flat();
  expect(all.filter(({ description }) => !description)).toEqual([]);
});

test('its attributes are those of the class, with their properties, and the same of them are reflected', () => {
  const declared = Object.entries(Attributes.properties).filter(([, { attribute }]) => attribute !== false);
  expect(player.attributes.map(({ name, fieldName }) => [fieldName, name])).toEqual(
    declared.map(([field, { attribute }]) => [field, typeof attribute === 'string' ? attribute : field]),
  );
  expect(namesOf(player.members.filter(({ reflects }) => reflects))).toEqual(
    declared
      .filter(([, { reflect }]) => reflect)
      .map(([field]) => field)
      .toSorted(),
  );
});

test('a property has the type and default of its attribute, and a default is what a new player has', () => {
  const fresh = new ConfListener();
  for (const { name, fieldName, type, default: value } of player.attributes) {
    const member = player.members.find((one) => one.name === fieldName);
    expect([name, member?.attribute, member?.type]).toEqual([name, name, type]);
    if (value !== undefined)
      expect([name, String(Reflect.get(fresh, fieldName))]).toEqual([name, wordIn(value)]);
  }
});

test('its properties and methods are what the class has, but for what is of the inside', () => {
  const own = [Attributes.prototype, ConfListener.prototype].flatMap((of) => Object.getOwnPropertyNames(of));
  const fields = Object.keys(Attributes.properties);
  const names = [...new Set([...own, ...fields])].filter(isPublic).toSorted();
  expect(namesOf(player.members.filter((member) => !member.static))).toEqual(names);
  const statics = Object.getOwnPropertyNames(ConfListener).filter(isPublic).toSorted();
  expect(namesOf(player.members.filter((member) => member.static))).toEqual(statics);
});

test('its events are those of ConfEventMap, with the types of their details', () => {
  const source = read('component/events.ts');
  const map = source.slice(source.indexOf('interface ConfEventMap'));
  expect(namesOf(player.events)).toEqual(found(map, /^ {2}'(conf-[a-z]+)': /gm));
  expect(player.events.filter(({ type }) => !/^CustomEvent<.+>$/.test(type.text))).toEqual([]);
});

test('its slots and parts are those of the template', () => {
  expect(namesOf(player.slots).filter(Boolean)).toEqual(found(template, /<slot name="([a-z]+)"/g));
  const literal = found(template, /part="([a-z-]+)"/g);
  const pressed = found(template, /press\(\s*'([a-z-]+)'/g);
  const [, picked = ''] = /function button\(([\s\S]+)$/.exec(template) ?? [];
  const chosen = found(picked, /'([a-z ]+)'\]/g).flatMap((parts) => parts.split(' '));
  expect(namesOf(player.cssParts)).toEqual([...new Set([...literal, ...pressed, ...chosen])].toSorted());
});

test('its custom properties are those that the styles read, with their defaults', () => {
  const styles = readdirSync(join(ROOT, 'component')).filter((file) => file.endsWith('.styles.ts'));
  const text = styles.map((file) => read(`component/${file}`)).join('');
  expect(namesOf(player.cssProperties)).toEqual(found(text, /var\((--conf-listener-[a-z-]+)/g));
  expect(
    player.cssProperties.filter((property) => !property.default || property.default.includes('--_')),
  ).toEqual([]);
});

test('its states are those of PlayerState and the four flags of the face', () => {
  const [, union = ''] = /type PlayerState =([^;]+);/.exec(read('component/status.ts')) ?? [];
  const [, flags = ''] = /const flags = \{([^}]+)\}/.exec(read('component/face.ts')) ?? [];
  const states = found(union, /'([a-z]+)'/g);
  expect(states).toHaveLength(10);
  const names = [...states, ...found(flags, /^\s+([a-z]+):/gm)];
  expect(namesOf(player.cssStates)).toEqual(names.toSorted());
});

test("the readme's tables are what the manifest says", async () => {
  const checked = promisify(execFile)(process.execPath, ['docs.js', '--check'], { cwd: ROOT });
  await expect(checked).resolves.toEqual({ stdout: '', stderr: '' });
});

test('the heights against a jumping layout are those that the builder writes', () => {
  const text = read('component/README.md');
  expect(snippetsOf('component/README.md', 'css')[0]).toContain(`min-height: ${PLAYER_PX.bar}px`);
  expect(text).toContain(
    `${PLAYER_PX.bar}px is the \`bar\`; the \`card\` takes ${PLAYER_PX.card}px and the \`button\` ${PLAYER_PX.button}px.`,
  );
});

test('editors know every attribute, and the words of those that have few', () => {
  const html: { tags: { name: string; attributes: (Named & { values?: Named[] })[] }[] } = JSON.parse(
    read('dist/vscode.html-custom-data.json'),
  );
  const [tag = fail()] = html.tags;
  expect([tag.name, namesOf(tag.attributes)]).toEqual(['conf-listener', namesOf(player.attributes)]);
  const variant = tag.attributes.find(({ name }) => name === 'variant');
  expect(namesOf(variant?.values ?? [])).toEqual(['bar', 'button', 'card']);
  const web: {
    version: string;
    contributions: { html: { elements: { attributes: Named[]; js: { events: Named[] } }[] } };
  } = JSON.parse(read('dist/web-types.json'));
  const [element = fail()] = web.contributions.html.elements;
  expect(namesOf(element.attributes)).toEqual(namesOf(player.attributes));
  expect(namesOf(element.js.events)).toEqual(namesOf(player.events));
  const { version }: { version: string } = JSON.parse(read('package.json'));
  expect([web.version, ConfListener.version]).toEqual([version, version]);
});

function fail(): never {
  throw new Error('the manifest is empty: npm run build');
}
