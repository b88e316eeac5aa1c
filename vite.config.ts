import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Writes `integrity.json` (file name to its Subresource Integrity value) and .br and .gz copies. */
function integrity(): Plugin {
  return {
    name: 'integrity',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const values: Record<string, string> = {};
        for (const [name, item] of Object.entries(bundle)) {
          if (item.type !== 'chunk') continue;
          values[name] = `sha384-${createHash('sha384').update(item.code).digest('base64')}`;
          this.emitFile({ type: 'asset', fileName: `${name}.br`, source: brotliCompressSync(item.code) });
          this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(item.code, { level: 9 }) });
        }
        this.emitFile({
          type: 'asset',
          fileName: 'integrity.json',
          source: `${JSON.stringify(values, null, 2)}\n`,
        });
      },
    },
  };
}

/** Takes the white space out of `css` literals, which no minifier touches. */
function squeezeStyles(): Plugin {
  return {
    name: 'squeeze-styles',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith('.styles.ts')) return undefined;
      const squeezed = code
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\s+/g, ' ')
        .replace(/ ?([{};,>]) ?/g, '$1')
        .replace(/: /g, ':')
        .replace(/;}/g, '}');
      return { code: squeezed, map: null };
    },
  };
}

export default defineConfig({
  publicDir: false,
  plugins: [squeezeStyles(), integrity()],
  build: {
    outDir: 'dist/component',
    target: 'es2022',
    sourcemap: true,
    reportCompressedSize: true,
    lib: { entry: 'component/define.ts', formats: ['es'], fileName: () => 'conf-listener.js' },
    rolldownOptions: { output: { minify: true } },
  },
});
