import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const UNIT = join(import.meta.dirname, '../../relay/deploy/conf-relay.service');

/** What systemd calls exposure, in tenths: 13 here; an ordinary service has 96. */
const MOST_EXPOSED = 15;

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasAnalyze) console.log('systemd-analyze is not here: the unit is not verified');

function analyze(...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

/** Values of a setting of the unit, in order. */
function valuesOf(name: string): string[] {
  const lines = readFileSync(UNIT, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

test.skipIf(!hasAnalyze)('systemd understands the unit and has nothing to say of it', () => {
  expect(analyze('verify', UNIT)).toEqual({ code: 0, said: '' });
});

test.skipIf(!hasAnalyze)('the service may do little: 1.5 of 10 on systemd’s scale at most', () => {
  const { code, said } = analyze(
    'security',
    '--offline=true',
    `--threshold=${MOST_EXPOSED}`,
    '--no-pager',
    UNIT,
  );
  expect(said).toContain('Overall exposure level for conf-relay.service');
  expect(code).toBe(0);
});

test('a reload is SIGHUP, an end leaves the relay its 30 s, and wrong settings are not tried again', () => {
  expect(valuesOf('ExecReload')).toEqual(['kill -HUP $MAINPID']);
  expect(valuesOf('KillMode')).toEqual(['mixed']);
  expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(30);
  expect(valuesOf('RestartPreventExitStatus')).toEqual(['2']);
});

test('memory may be written and run, which V8 needs; the secrets are read by the relay itself, so that a reload brings new ones', () => {
  for (const name of ['MemoryDenyWriteExecute', 'LoadCredential', 'EnvironmentFile']) {
    expect([name, valuesOf(name)]).toEqual([name, []]);
  }
});
