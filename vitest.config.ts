import { defineConfig } from 'vitest/config';

const json = process.env['VITEST_JSON'];

export default defineConfig({
  test: {
    reporters: json ? ['default', ['json', { outputFile: json }]] : ['default'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/component/**', 'node_modules/**', 'dist/**'],
    environment: 'node',
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
