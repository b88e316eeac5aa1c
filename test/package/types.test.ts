import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, type Project } from '../support/packed.ts';

const ROOT = join(import.meta.dirname, '../..');
const TSC = 'typescript/bin/tsc';

let project: Project;

beforeAll(async () => {
  project = await installPacked();
  project.use('@types/react', '@types/react-dom', 'types-react-18', 'react', 'lit', 'svelte', 'vite', 'vue');
  cpSync(join(ROOT, 'test/types'), join(project.dir, 'test/types'), { recursive: true });
  cpSync(join(ROOT, 'demo/examples/react'), join(project.dir, 'react'), { recursive: true });
}, 60_000);

afterAll(() => project?.remove());

test('plain TypeScript, React 19, Svelte 5 and Vue 3 take what is right and refuse what is wrong', async () => {
  expect(await project.run(TSC, ['-p', 'test/types'])).toBe('');
}, 60_000);

test('so does React 18', async () => {
  expect(await project.run(TSC, ['-p', 'test/types/tsconfig.react-18.json'])).toBe('');
}, 60_000);

test('the example for React is right', async () => {
  expect(await project.run(TSC, ['-p', 'react'])).toBe('');
}, 60_000);
