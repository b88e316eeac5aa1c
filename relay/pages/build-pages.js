import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { marked } from 'marked';

const SOURCES = import.meta.dirname;
const ROOT = join(SOURCES, '../..');
const TARGET = join(ROOT, 'dist/pages');
/** One file each, with all it imports. */
const SCRIPTS = ['page', 'embed', 'builder', 'console'];

/**
 * Builds what the relay's own pages load into dist/pages: the scripts and sheets of relay/pages, and
 * under help/ a page of each text in component/errors; .br and .gz copies beside each. `vite`: the module.
 */
export async function buildPages(vite) {
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(join(TARGET, 'help'), { recursive: true });
  for (const name of SCRIPTS) await buildScript(vite, name);
  for (const name of readdirSync(SOURCES).filter((file) => file.endsWith('.css')))
    copyFileSync(join(SOURCES, name), join(TARGET, name));
  const errors = join(ROOT, 'component/errors');
  const { module } = await vite.runnerImport(join(ROOT, 'relay/http/html-page.ts'), { configFile: false });
  for (const name of readdirSync(errors).filter((file) => file.endsWith('.md'))) {
    const text = readFileSync(join(errors, name), 'utf8');
    // Its first line is the heading, and the page's title.
    const [, title = ''] = /^# (.+)/.exec(text) ?? [];
    const body = `<main>\n${marked.parse(text, { async: false }).trim()}\n</main>`;
    const page = module.htmlPage({ title, head: [], body });
    writeFileSync(join(TARGET, 'help', `${basename(name, '.md')}.html`), page);
  }
  for (const name of readdirSync(TARGET, { recursive: true }).filter((file) => /\.(js|css|html)$/.test(file)))
    compress(join(TARGET, name));
}

async function buildScript(vite, name) {
  await vite.build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: TARGET,
      emptyOutDir: false,
      target: 'es2022',
      reportCompressedSize: false,
      lib: {
        entry: join(SOURCES, `${name}.ts`),
        formats: ['es'],
        fileName: () => `${name}.js`,
      },
      rolldownOptions: { output: { minify: true } },
    },
  });
}

/** Writes the .br and .gz copies of a file beside it. */
export function compress(path) {
  const bytes = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  // Shorter blocks than by default: 50 bytes less of the element (measured).
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9, memLevel: 6 }));
}
