import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, type Project } from '../support/packed.ts';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
}, 60_000);

afterAll(() => project?.remove());

test('the package holds what is built, its types and its texts, in less than 650 kB: no source, no test, no demo', () => {
  const places = new Set(project.files.map((file) => file.split('/').slice(0, 2).join('/')));
  expect([...places].toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'component/README.md',
    'component/frameworks',
    'dist/component',
    'dist/custom-elements.json',
    'dist/pages',
    'dist/relay',
    'dist/types',
    'dist/vscode.css-custom-data.json',
    'dist/vscode.html-custom-data.json',
    'dist/web-types.json',
    'dist/wire',
    'package.json',
    'relay/README.md',
    'relay/TROUBLESHOOTING.md',
    'relay/conf-relay.schema.json',
    'relay/deploy',
    'wire/PROTOCOL.md',
  ]);
  const odd = project.files.filter(
    (file) => /(^|[^d])\.tsx?$|\.d\.ts\.map$|tsbuildinfo|\.test\./.test(file) && !file.endsWith('.d.ts'),
  );
  expect(odd).toEqual([]);
  expect(project.tarballBytes).toBeLessThan(650_000);
});

test('every file that package.json names is in the package', () => {
  const text = readFileSync(join(project.packageDir, 'package.json'), 'utf8');
  const named = [...text.matchAll(/"((?:\.\/)?(?:dist|component|wire)\/[^"*!]+)"/g)].map(
    ([, file = '']) => file,
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((file) => !existsSync(join(project.packageDir, file)))).toEqual(
    // Of a checkout only: it keeps bundlers there from dropping the element.
    ['./component/define.ts'],
  );
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: project.packageDir, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
});

test.each(['conf-listener', 'conf-listener/react', 'conf-listener/svelte', 'conf-listener/vue'])(
  "on a server, plain Node, `import '%s'` does nothing and does not throw",
  async (name) => {
    const script = `import('${name}').then(({ ConfListener }) => {
      ConfListener.define();
      ConfListener.registerStrings('de', {});
      console.log(typeof ConfListener, typeof customElements);
    })`;
    expect(await runNode(script)).toBe('function undefined');
  },
);

test('so do the languages', async () => {
  const script = `import('conf-listener/lang/de.js').then(() => console.log('imported'))`;
  expect(await runNode(script)).toBe('imported');
});

test('a server that renders React sends the tag with its attributes', async () => {
  project.use('react', 'react-dom');
  const script = `const { createElement } = require('react');
    const { renderToString } = require('react-dom/server');
    const props = { room: 'allhands', muted: true, autoplay: false, tokenProvider: async () => '', 'onconf-play': () => {} };
    import('conf-listener/react').then(() => console.log(renderToString(createElement('conf-listener', props))));`;
  expect(await runNode(script)).toBe('<conf-listener room="allhands" muted=""></conf-listener>');
});

test('what stands in on a server has every static method of the element', async () => {
  const manifest: {
    modules: { declarations: { members: { kind: string; static?: boolean; name: string }[] }[] }[];
  } = JSON.parse(readFileSync(join(project.packageDir, 'dist/custom-elements.json'), 'utf8'));
  const members = manifest.modules[0]?.declarations[0]?.members ?? [];
  const statics = members
    .filter((member) => member.kind === 'method' && member.static)
    .map(({ name }) => name);
  const script = `import('conf-listener').then(({ ConfListener }) => console.log(Object.getOwnPropertyNames(ConfListener).join()))`;
  const names = (await runNode(script)).split(',');
  expect(statics.length).toBeGreaterThan(0);
  expect(names).toEqual(expect.arrayContaining(statics));
});

async function runNode(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: project.dir });
  return stdout.trim();
}
