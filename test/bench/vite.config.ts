import { defineConfig } from 'vite';

/** Bundles the benches for Node as the product is bundled, so that what is measured is what runs. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: 'dist/bench',
    target: 'node20',
    rolldownOptions: {
      input: {
        main: 'test/bench/main.ts',
        playout: 'test/bench/playout/main.ts',
        fanout: 'test/bench/fanout/main.ts',
      },
    },
  },
});
