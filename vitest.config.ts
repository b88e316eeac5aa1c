import { defineConfig } from 'vitest/config';
import { JsonReporter } from 'vitest/node';
import { leakReport } from './test/support/leak-report.ts';

const json = process.env['VITEST_JSON'];

/** Of no run of ours: those of the element are for a browser. */
const OTHERS = ['test/component/**', 'node_modules/**', 'dist/**'];
/** Tests that hear a real browser play, and forgive no break: beside others a machine of two cores makes some of its own. */
const HEARD = [
  'test/e2e/{demo-page,fallbacks,hidden-tab,lost-device,origins,other-players,phone-to-ear}.test.ts',
  'test/e2e/{rough-page,start-up,strict-page,tickets,ways-in}.test.ts',
];

export default defineConfig({
  test: {
    // CI's log has room for what failed, not for 3,000 lines of what did not.
    reporters: json ? ['dot', leakReport, new JsonReporter({ outputFile: json })] : ['default', leakReport],
    projects: [
      {
        extends: true,
        test: {
          name: 'paired',
          include: ['test/**/*.test.ts'],
          exclude: [...OTHERS, ...HEARD],
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'heard',
          include: HEARD,
          maxWorkers: 1,
          testTimeout: 15_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    environment: 'node',
    setupFiles: ['test/support/leak-setup.ts'],
    coverage: {
      provider: 'v8',
      include: ['wire/**/*.ts', 'relay/**/*.ts', 'demo/simulator/**/*.ts'],
      reporter: ['text', 'lcov'],
      reportsDirectory: 'coverage/relay',
    },
  },
});
