/** What a check found. */
export interface Finding {
  status: 'ok' | 'warn' | 'fail' | 'not-checked';
  /** What was looked at: a setting, or a thing by its name. */
  what: string;
  why: string;
  /** What to do about it. */
  fix?: string;
}

const WORDS = { ok: 'ok', warn: 'warn', fail: 'FAIL', 'not-checked': '--' };

/** All is well with something. */
export function ok(what: string, why: string): Finding {
  return { status: 'ok', what, why };
}

/** Something works, and will not always. */
export function warning(what: string, why: string, fix: string): Finding {
  return { status: 'warn', what, why, fix };
}

/** Something does not work. */
export function failure(what: string, why: string, fix: string): Finding {
  return { status: 'fail', what, why, fix };
}

/** Nobody can say: `why` names what is missing for it. */
export function notChecked(what: string, why: string): Finding {
  return { status: 'not-checked', what, why };
}

/** A finding as a line: `FAIL  port — is taken; take another`. */
export function findingLine({ status, what, why, fix }: Finding): string {
  const reason = status === 'not-checked' ? `not checked: ${why}` : why;
  return `${WORDS[status].padEnd(4)}  ${what} — ${reason}${fix === undefined ? '' : `; ${fix}`}\n`;
}

/** How many of each there are, in words. */
export function findingSum(findings: readonly Finding[]): string {
  const count = (status: Finding['status']) => findings.filter((one) => one.status === status).length;
  return `${count('ok')} ok, ${count('warn')} to watch, ${count('fail')} failed, ${count('not-checked')} not checked\n`;
}
