import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, type Project } from '../support/packed.ts';
import { snippetsOf } from '../support/snippets.ts';

const README = 'component/README.md';
const OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
  jsx: 'react-jsx',
  allowJs: true,
  checkJs: true,
  noEmit: true,
};

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  project.use('@types/react', 'react', 'lit');
}, 60_000);

afterAll(() => project?.remove());

test.each([
  ['js', 3, false],
  ['ts', 1, true],
  ['tsx', 1, true],
] as const)(
  "component/README.md: what it has in %s, at least %i snippets, is right by the package's types",
  async (language, least, strict) => {
    const snippets = snippetsOf(README, language);
    expect(snippets.length).toBeGreaterThanOrEqual(least);
    const dir = join(project.dir, language);
    mkdirSync(dir);
    // Not every one imports the types: a script tag brings none.
    const types = `import type {} from 'conf-listener';\n`;
    snippets.forEach((code, n) =>
      writeFileSync(
        join(dir, `snippet-${n}.${language}`),
        `${language === 'js' ? '' : types}${code}\nexport {};\n`,
      ),
    );
    writeFileSync(join(dir, 'types.d.ts'), types);
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...OPTIONS, strict } }));
    expect(await project.run('typescript/bin/tsc', ['-p', language])).toBe('');
  },
  60_000,
);
