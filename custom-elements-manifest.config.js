// What `cem analyze` makes of the element for dist/custom-elements.json: one declaration, nothing of its inside.
import { readFileSync } from 'node:fs';
import { writeEditorData } from './docs.js';

const CLASS = 'ConfListener';
const MODULE = 'dist/component/conf-listener.js';
const STYLES = 'component/conf-listener.styles.ts';

/** What the analyzer does not read by itself, from the sources. */
function sourceFacts() {
  const facts = { attributes: new Map(), defaults: new Map(), events: new Map(), types: new Map() };
  const noteDefault = (ts, { left, right }) => {
    const chained = ts.isBinaryExpression(right);
    const value = chained ? noteDefault(ts, right) : right.getText();
    if (ts.isPropertyAccessExpression(left)) facts.defaults.set(left.name.text, value);
    return value;
  };
  const collect = ({ ts, node }) => {
    if (ts.isClassDeclaration(node) && node.name?.text === 'Attributes')
      for (const [, type, name, description] of node
        .getFullText()
        .matchAll(/^ \* @attr \{(.+)\} (\S+) - (.+)$/gm))
        facts.attributes.set(name, { type: { text: type.replaceAll('|', ' | ') }, description });
    if (ts.isConstructorDeclaration(node))
      for (const { expression } of node.body?.statements ?? [])
        if (expression && ts.isBinaryExpression(expression)) noteDefault(ts, expression);
    if (ts.isTypeAliasDeclaration(node))
      facts.types.set(node.name.text, node.type.getText().replace(/\s+/g, ' ').replace('; }', ' }'));
    if (ts.isInterfaceDeclaration(node) && node.name.text === 'ConfEventMap')
      for (const { name, type } of node.members) facts.events.set(name.text, type.getText());
  };
  return { facts, collect };
}

/** What a custom property is where a page does not set it, by name. */
function styleDefaults() {
  const defaults = new Map();
  const text = readFileSync(STYLES, 'utf8');
  for (const { 1: name, index, 0: start } of text.matchAll(/var\((--conf-listener-[a-z-]+), /g)) {
    let depth = 1;
    let end = index + start.length;
    for (; depth > 0; end++) depth += { '(': 1, ')': -1 }[text[end]] ?? 0;
    const value = text.slice(index + start.length, end - 1);
    defaults.set(name, value.replace(/var\(--_?(accent|live)\)/, 'var(--conf-listener-$1)'));
  }
  return defaults;
}

/** Attributes and properties as a page's author knows them. */
function complete(player, { attributes, defaults, events, types }) {
  const byField = new Map(player.attributes.map((attribute) => [attribute.fieldName, attribute]));
  for (const attribute of player.attributes) {
    Object.assign(attribute, attributes.get(attribute.name), { default: defaults.get(attribute.fieldName) });
    delete attribute.inheritedFrom;
  }
  player.members = player.members.filter(
    ({ name, privacy }) => !name.startsWith('#') && privacy !== 'private' && privacy !== 'protected',
  );
  for (const member of player.members) {
    delete member.inheritedFrom;
    const attribute = byField.get(member.name);
    if (attribute) member.default = attribute.default;
    if (attribute?.type.text.includes("'")) member.type = attribute.type;
    // HTML's own, which the element only reads.
    if (attribute && !member.description) Object.assign(member, { ...attribute, name: member.name });
    if (member.name === 'version') Object.assign(member, { type: { text: 'string' }, default: undefined });
    for (const parameter of member.parameters ?? []) parameter.type ??= { text: 'string' };
  }
  for (const event of player.events) event.type = { text: types.get(events.get(event.name)) };
  const styles = styleDefaults();
  for (const property of player.cssProperties) property.default = styles.get(property.name);
}

/** Makes one public declaration of the element's class and the class that it extends. */
function onePlayer() {
  const { facts, collect } = sourceFacts();
  return {
    name: 'one-player',
    collectPhase: collect,
    packageLinkPhase({ customElementsManifest: manifest }) {
      const player = manifest.modules
        .flatMap(({ declarations }) => declarations)
        .find(({ name }) => name === CLASS);
      complete(player, facts);
      for (const part of ['slots', 'cssParts', 'cssProperties', 'cssStates'])
        for (const item of player[part]) delete item.inheritedFrom;
      player.superclass = { name: 'HTMLElement' };
      const declaration = { name: CLASS, module: MODULE };
      const exports = [
        { kind: 'js', name: CLASS, declaration },
        { kind: 'custom-element-definition', name: player.tagName, declaration },
      ];
      // The first version of the schema that has states.
      manifest.schemaVersion = '2.1.0';
      manifest.modules = [{ kind: 'javascript-module', path: MODULE, declarations: [player], exports }];
      writeEditorData(player);
    },
  };
}

export default {
  globs: ['component/conf-listener.ts', 'component/attributes.ts', 'component/events.ts'],
  litelement: true,
  packagejson: false,
  outdir: 'dist',
  plugins: [onePlayer()],
};
