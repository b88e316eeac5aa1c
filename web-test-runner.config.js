import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { CHROMIUM_ARGS, findChromium } from './test/support/browser.js';
import { strictPages } from './test/support/strict-pages.js';

/** Writes {passed, names of what failed} as JSON into the directory WTR_COUNTS, for CI's last lines. */
const counts = (dir) => ({
  onTestRunFinished({ sessions }) {
    let passed = 0;
    const names = [];
    for (const { testFile, browser, testResults, errors } of sessions) {
      const where = `${browser.name}: ${relative(process.cwd(), testFile)}`;
      const walk = (suite) => {
        for (const test of suite.tests)
          if (test.passed) passed++;
          else if (!test.skipped) names.push(`${where}: ${test.name}`);
        suite.suites.forEach(walk);
      };
      if (testResults) walk(testResults);
      if (errors.length > 0) names.push(`${where}: ${errors[0].message}`); // a file that did not load
    }
    const browser = sessions[0]?.browser.name ?? 'none';
    writeFileSync(join(dir, `${browser}.json`), JSON.stringify({ passed, names }));
  },
});

const strict = strictPages();

export default {
  files: 'test/component/**/*.test.ts',
  nodeResolve: { exportConditions: ['production', 'default'] },
  middleware: [strict.middleware],
  plugins: [strict.plugin, esbuildPlugin({ ts: true, target: 'es2023' })],
  browsers: [
    chromeLauncher({ launchOptions: { executablePath: await findChromium(), args: CHROMIUM_ARGS } }),
  ],
  // None of it is measured: how long a busy machine may take before a test that hangs is given up.
  testFramework: { config: { timeout: 30_000 } },
  browserStartTimeout: 60_000,
  testsStartTimeout: 30_000,
  testsFinishTimeout: 300_000,
  coverageConfig: { include: ['component/**/*.ts'], reportDir: 'coverage/component' },
  reporters: [defaultReporter(), ...(process.env.WTR_COUNTS ? [counts(process.env.WTR_COUNTS)] : [])],
};
