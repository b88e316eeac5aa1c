import type { Reporter, TestModule } from 'vitest/node';
import type { LeakCounts } from './leak-watch.ts';

/** Says at the end of a run how much was searched for secrets; what was found has failed its test file before. */
export const leakReport: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules.flatMap((module) => module.meta().leakCounts ?? []);
    const sum = (count: (of: LeakCounts) => number): number =>
      all.reduce((total, of) => total + count(of), 0);
    const { secret, ticket, code, number } = {
      secret: sum(({ secrets }) => secrets.secret),
      ticket: sum(({ secrets }) => secrets.ticket),
      code: sum(({ secrets }) => secrets.code),
      number: sum(({ secrets }) => secrets.number),
    };
    console.log(
      `       Leaks  ${sum(({ lines }) => lines)} log lines and ${sum(({ answers }) => answers)} refusals of ` +
        `${sum(({ relays }) => relays)} relays searched for ${secret} secrets, ${ticket} tickets, ` +
        `${code} PINs, ${number} phone numbers`,
    );
  },
};
