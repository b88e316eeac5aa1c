// npm run build, first part: what browsers load, into dist/component and dist/pages. The types follow by `tsc -b`.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { minify } from 'terser';
import { build, runnerImport } from 'vite';
import { buildPages, compress } from './relay/pages/build-pages.js';

const OUT = 'dist/component';
const COMMON = {
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  build: { outDir: OUT, emptyOutDir: false, target: 'es2022' },
};

/** A second minifier over the first's work: 4 % less after gzip (measured), and either alone leaves more. */
const squeezeScript = {
  name: 'squeeze-script',
  async generateBundle(_options, bundle) {
    for (const item of Object.values(bundle)) {
      if (item.type !== 'chunk') continue;
      // Unsafe only where somebody asks a function for its prototype or its length; nobody does.
      const squeezing = { passes: 3, unsafe_arrows: true, keep_fargs: false };
      // ASCII: a classic script takes the page's encoding where its server names none.
      const format = { ascii_only: true };
      const options = { module: item.exports.length > 0, ecma: 2020, compress: squeezing, format };
      // What it has made it makes a little smaller still.
      const { code: once = '' } = await minify(item.code, options);
      const { code } = await minify(once, options);
      if (!code) throw new Error(`terser made nothing of ${item.fileName}`);
      item.code = code;
    }
  },
};

/** Takes the white space out of styles and templates, which no minifier touches. */
const squeezeText = {
  name: 'squeeze-text',
  transform(code, id) {
    if (id.endsWith('.template.ts')) {
      return { code: code.replace(/\n\s+/g, '\n').replace(/>\n(?=[<$])/g, '>'), map: null };
    }
    if (!id.endsWith('.styles.ts')) return undefined;
    const squeezed = code
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\s+/g, ' ')
      .replace(/ ?([{};,>`]) ?/g, '$1')
      .replace(/: /g, ':')
      .replace(/;}/g, '}');
    return { code: squeezed, map: null };
  },
};

/** The element's second script is a build of its own: it stands beside the element under its name. */
const sessionBeside = (fileName) => ({
  name: 'session-beside',
  resolveId: {
    order: 'pre',
    handler: (id) => (id === `./${fileName}` ? { id, external: true } : null),
  },
  transform: {
    order: 'pre',
    handler: (code, id) =>
      id.endsWith('/player.ts') ? code.replaceAll('./session.ts', `./${fileName}`) : undefined,
  },
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      // A bundler that meets the element in a package has nothing to put in this place, and would complain.
      for (const item of Object.values(bundle))
        item.code = item.code.replace('import(new URL', 'import(/*webpackIgnore:true*/new URL');
    },
  },
});

/**
 * A classic script knows its own address only while it runs, and one of another origin must name the second script in
 * full: a relative import() of it resolves against nothing (HTML, "muted errors").
 */
const classicSession = (fileName) => ({
  name: 'classic-session',
  transform: {
    order: 'pre',
    handler(code, id) {
      if (id.endsWith('/conf-listener.ts'))
        return code.replace('import.meta.url', 'document.currentScript.src');
      if (!id.endsWith('/player.ts')) return undefined;
      const found = code.replace("import('./session.ts')", "import(new URL('./session.ts', scriptUrl).href)");
      if (found === code) throw new Error('player.ts does not import the session as it did');
      return found.replaceAll('./session.ts', `./${fileName}`);
    },
  },
});

/**
 * Lit counts its copies, and keeps what decorators say, in globals, and takes up there what polyfills and a server's
 * render leave for it: a page's window is not ours to write on, and has nothing for us.
 */
const noGlobals = {
  name: 'no-globals',
  transform(code, id) {
    if (!/\/(reactive-element|lit-html|lit-element)\.js$/.test(id)) return undefined;
    const found = code
      .replace(/\(\w+\.\w+Versions\?\?=\[\]\)\.push\("[\d.]+"\)/, '0')
      .replace(/Symbol\.metadata\?\?=Symbol\("metadata"\),\w+\.litPropertyMetadata\?\?=new WeakMap/, '0')
      .replace('this[Symbol.metadata]', 'null')
      .replace(/\w+\.litElementHydrateSupport\?\.\(\{LitElement:\w+\}\)/, '0')
      .replace(/\w+\.(reactiveElement|litHtml|litElement)PolyfillSupport/, 'undefined');
    if (/Versions|(Polyfill|Hydrate)Support|\?\?=new WeakMap/.test(found))
      throw new Error(`${id} does not set its globals as it did`);
    return { code: found, map: null };
  },
};

const SQUEEZED = [noGlobals, squeezeText, squeezeScript];

/** One module of its own out of `entry`. */
async function moduleScript(entry, fileName, plugins = []) {
  const [{ output }] = await build({
    ...COMMON,
    plugins: [...plugins, ...SQUEEZED],
    build: {
      ...COMMON.build,
      lib: { entry, formats: ['es'], fileName: () => fileName },
      rolldownOptions: { output: { minify: true } },
    },
  });
  return output[0].fileName;
}

/** A classic script that does `code`, and leaves no name behind. */
async function classicScript(code, fileName, plugins = []) {
  const entry = `virtual:${fileName}`;
  const entryOf = {
    name: 'entry',
    resolveId: (id) => (id === entry ? `\0${entry}` : undefined),
    load: (id) => (id === `\0${entry}` ? code : undefined),
  };
  await build({
    ...COMMON,
    plugins: [entryOf, ...plugins, ...SQUEEZED],
    build: {
      ...COMMON.build,
      rolldownOptions: { input: entry, output: { format: 'iife', minify: true, entryFileNames: fileName } },
    },
  });
}

rmSync(OUT, { recursive: true, force: true });
const session = await moduleScript('component/session.ts', 'conf-session-[hash].js');
await moduleScript('component/define.ts', 'conf-listener.js', [sessionBeside(session)]);
await classicScript("import '/component/define.ts';", 'conf-listener.iife.js', [classicSession(session)]);
const { module } = await runnerImport('./component/i18n/languages.ts', { configFile: false });
for (const tag of Object.keys(module.LANGUAGES)) {
  const code = `import { register } from '/component/i18n/register.ts';
    import { ${tag} } from '/component/i18n/${tag}.ts';
    register('${tag}', ${tag});`;
  await classicScript(code, `lang/${tag}.js`);
}

const integrity = {};
for (const name of readdirSync(OUT, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.js'),
)) {
  const bytes = readFileSync(join(OUT, name));
  integrity[name] = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
  compress(join(OUT, name));
}
writeFileSync(join(OUT, 'integrity.json'), `${JSON.stringify(integrity, null, 2)}\n`);

await buildPages({ build, runnerImport });
