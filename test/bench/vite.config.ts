import { defineConfig } from 'vite';

/** Bundles the benches for Node as the product is bundled, so that what is measured is what runs. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: 'test/bench/main.ts',
    outDir: 'dist/bench',
    target: 'node20',
    rolldownOptions: { output: { entryFileNames: 'main.js' } },
  },
});
