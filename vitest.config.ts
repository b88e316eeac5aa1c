import { defineConfig } from 'vitest/config';
import { JsonReporter } from 'vitest/node';
import { leakReport } from './test/support/leak-report.ts';

const json = process.env['VITEST_JSON'];

export default defineConfig({
  test: {
    reporters: ['default', leakReport, ...(json ? [new JsonReporter({ outputFile: json })] : [])],
    include: ['test/**/*.test.ts'],
    exclude: ['test/component/**', 'node_modules/**', 'dist/**'],
    environment: 'node',
    setupFiles: ['test/support/leak-setup.ts'],
    testTimeout: 15_000,
    fileParallelism: false, // the end-to-end tests listen to real sound: two at a time disturb each other
    coverage: {
      provider: 'v8',
      include: ['wire/**/*.ts', 'relay/**/*.ts', 'demo/simulator/**/*.ts'],
      reporter: ['text', 'lcov'],
      reportsDirectory: 'coverage/relay',
    },
  },
});
