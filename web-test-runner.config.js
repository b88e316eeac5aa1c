import { writeFileSync } from 'node:fs';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { CHROMIUM_ARGS, findChromium } from './test/support/browser.js';
import { strictPages } from './test/support/strict-pages.js';

/** Writes {passed, failed} as JSON where WTR_COUNTS says, for CI's last line. */
const counts = (file) => ({
  onTestRunFinished({ sessions }) {
    const tests = [];
    const walk = (suite) => (tests.push(...suite.tests), suite.suites.forEach(walk));
    for (const { testResults } of sessions) if (testResults) walk(testResults);
    const broken = sessions.filter(({ errors }) => errors.length > 0).length; // files that did not load
    const passed = tests.filter((test) => test.passed).length;
    const skipped = tests.filter((test) => test.skipped).length;
    writeFileSync(
      file,
      JSON.stringify({ passed, failed: tests.length - passed - skipped + broken, skipped }),
    );
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
