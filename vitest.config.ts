import { defineConfig } from 'vitest/config';
import { JsonReporter } from 'vitest/node';
import { leakReport } from './test/support/leak-report.ts';

const json = process.env['VITEST_JSON'];

/** Of no run of ours: those of the element are for a browser. */
const OTHERS = ['test/component/**', 'node_modules/**', 'dist/**'];
/** Tests that hear nothing and measure no time. */
const QUIET = [
  'test/{a11y,fuzz,i18n,looks,package,wire}/**/*.test.ts',
  'test/deploy/**/*.test.ts',
  'test/relay/{access,command,config,deploy,history,http,pages,room,watch}/**/*.test.ts',
  'test/relay/{cli,operator-desk}.test.ts',
  'test/e2e/{builder,examples,frameworks,guest,guest-sheet,own-pages,reference}.test.ts',
  'test/*.test.ts',
];

export default defineConfig({
  test: {
    // CI's log has room for what failed, not for 3,000 lines of what did not.
    reporters: json ? ['dot', leakReport, new JsonReporter({ outputFile: json })] : ['default', leakReport],
    projects: [
      {
        extends: true,
        test: {
          name: 'quiet',
          include: QUIET,
          exclude: OTHERS,
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // They listen to real sound, or count on their time: two at a time disturb each other.
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...OTHERS, ...QUIET],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    environment: 'node',
    setupFiles: ['test/support/leak-setup.ts'],
    testTimeout: 15_000,
    coverage: {
      provider: 'v8',
      include: ['wire/**/*.ts', 'relay/**/*.ts', 'demo/simulator/**/*.ts'],
      reporter: ['text', 'lcov'],
      reportsDirectory: 'coverage/relay',
    },
  },
});
