// node .ci/verdict.js DIR: what failed, by name, and the line "N passed, N failed".
// node .ci/verdict.js DIR again: the few files that failed, to be run once more (none: the browser's tests); exit 1 where that is of no use.
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** More than so many files do not fail for want of a steady machine. */
const FEW_FILES = 4;
const SHOWN_CHARS = 300;

const [dir, ask] = process.argv.slice(2);

/** A report as JSON; undefined where that stage wrote none. */
function report(name) {
  try {
    return JSON.parse(readFileSync(`${dir}/${name}`, 'utf8'));
  } catch {
    return undefined;
  }
}

const short = (text) =>
  String(text ?? '')
    .split('\n', 2)
    .join(' ')
    .slice(0, SHOWN_CHARS);

/** What failed in a file of vitest's: its tests, or the file itself. */
function faultsOf({ name, status, message, assertionResults }) {
  const file = relative('.', name);
  const faults = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `${file}: ${test.fullName}: ${short(test.failureMessages[0])}`);
  return status === 'failed' && faults.length === 0 ? [`${file}: ${short(message)}`] : faults;
}

const first = report('vitest.json')?.testResults ?? [];
const failedFiles = first.filter((file) => faultsOf(file).length > 0);

/** What the browsers of a directory of reports say. */
const browsersIn = (sub) => readdirSync(`${dir}/${sub}`).flatMap((name) => report(`${sub}/${name}`) ?? []);
const namesOf = (browsers) => browsers.flatMap(({ names }) => names.map(short));

const browsers = browsersIn('browsers');

if (ask === 'again') {
  console.log(failedFiles.map(({ name }) => relative('.', name)).join(' '));
  // Without a failed file it was the browser's turn, or else something that no second try mends.
  const isFew = failedFiles.length > 0 ? failedFiles.length <= FEW_FILES : browsers.length > 0;
  process.exitCode = isFew ? 0 : 1;
} else {
  const second = report('again.json')?.testResults;
  const files = second ? [...first.filter((file) => !failedFiles.includes(file)), ...second] : first;
  const before = [...(second ? failedFiles.flatMap(faultsOf) : []), ...namesOf(browsersIn('first'))];
  for (const fault of before) console.log(`at the first try: ${fault}`);
  const faults = [...files.flatMap(faultsOf), ...namesOf(browsers)];
  for (const fault of faults) console.log(`failed: ${fault}`);
  const passed = files
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed');
  const sum = browsers.reduce((total, counts) => total + counts.passed, passed.length);
  console.log(`${sum} passed, ${faults.length} failed`);
}
