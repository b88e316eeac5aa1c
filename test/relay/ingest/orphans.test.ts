import { expect, test } from 'vitest';
import { hangUpOrphans } from '../../../relay/ingest/orphans.ts';
import type { LiveLeg, LiveLegs, Provider } from '../../../relay/ingest/provider.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';

const ROOM = roomId('allhands');
const leg = (legId: string, legTicket: string): LiveLeg => ({ legId, room: ROOM, legTicket });

/** A platform on which these legs live. */
function platform(legs: LiveLegs) {
  const hungUp: string[] = [];
  const provider: Provider = {
    placeCall: () => Promise.reject(new Error('nobody is called')),
    hangUp: (_room, legId) => Promise.resolve(hungUp.push(legId)).then(() => ({ kind: 'hung-up' })),
    liveLegs: () => Promise.resolve(legs),
  };
  return { hungUp, provider, log: new KeptLog() };
}

test('of 3 live legs, the 2 whose ticket is not ours are hung up; the log names call and room, never the ticket', async () => {
  const legs = [leg('u-1', 'theirs-1'), leg('u-2', 'ours'), leg('u-3', 'theirs-3')];
  const { hungUp, log, provider } = platform({ kind: 'known', legs });
  await hangUpOrphans(provider, ({ legTicket }) => legTicket === 'ours', log);
  expect(hungUp).toEqual(['u-1', 'u-3']);
  expect(log.lines).toEqual([
    { level: 'warn', event: 'orphan.found', room: 'allhands', leg: 'u-1' },
    { level: 'warn', event: 'orphan.found', room: 'allhands', leg: 'u-3' },
  ]);
});

test('a platform that does not say costs one line with its code, and nobody is hung up', async () => {
  const { hungUp, log, provider } = platform({ kind: 'failed', code: 'http-503' });
  await hangUpOrphans(provider, () => false, log);
  expect([hungUp, log.lines]).toEqual([[], [{ level: 'warn', event: 'orphans.unknown', code: 'http-503' }]]);
});
