import { expect, test } from 'vitest';
import { callChange } from '../../../relay/history/call-change.ts';
import { line, NOON_MS } from './words.ts';

const CALL = { room: 'allhands', epoch: 7 };

test.each([
  ['call.dialled', { ...CALL, attempt: 2 }, { dialledMs: NOON_MS, attempt: 2 }],
  ['call.placed', { ...CALL, leg: 'a-1' }, { placedMs: NOON_MS, leg: 'a-1' }],
  [
    'call.refused',
    { ...CALL, code: 'rate-limited' },
    { closedMs: NOON_MS, end: 'refused', code: 'rate-limited' },
  ],
  ['leg.opened', CALL, { openedMs: NOON_MS }],
  ['leg.closed', { ...CALL, end: 'lost' }, { closedMs: NOON_MS, end: 'lost' }],
  ['leg.replaced', { ...CALL, leg: 'a-1' }, { end: 'replaced' }],
])('%s says of the call with its room and epoch %o', (event, fields, facts) => {
  expect(callChange(line(0, event, fields))).toEqual({ kind: 'of-epoch', ...CALL, facts });
});

test.each([
  ['call.hung-up', { hungUpMs: NOON_MS, closedMs: NOON_MS, end: 'hung-up' }],
  ['call.gone', { closedMs: NOON_MS, end: 'gone' }],
  ['vonage.hang-up-failed', { closedMs: NOON_MS, end: 'hang-up-failed' }],
])('%s, which knows no epoch, says of the call with its leg %o', (event, facts) => {
  const change = callChange(line(0, event, { room: 'allhands', leg: 'a-1' }));
  expect(change).toEqual({ kind: 'of-leg', room: 'allhands', leg: 'a-1', facts });
});

test.each([
  ['completed', 'ended'],
  ['disconnected', 'lost'],
  ['busy', 'busy'],
])('a webhook that says %s ends the call of its leg, whichever room it is in: %s', (status, end) => {
  const change = callChange(line(0, 'vonage.event', { leg: 'a-1', status }));
  expect(change).toEqual({ kind: 'of-leg', room: null, leg: 'a-1', facts: { closedMs: NOON_MS, end } });
});

test('relay.closed ends every call that is not over', () => {
  const facts = { closedMs: NOON_MS, end: 'relay-closed' };
  expect(callChange(line(0, 'relay.closed'))).toEqual({ kind: 'of-all', facts });
});

test.each([
  ['room.state', { room: 'allhands', state: 'live' }],
  ['leg.stalled', CALL],
  ['vonage.event', { leg: 'a-1', status: 'answered' }],
  ['vonage.event', { status: 'completed' }],
  ['leg.opened', { room: 'allhands' }],
  ['leg.opened', { epoch: 7 }],
  ['leg.opened', { room: 'allhands', epoch: 1.5 }],
  ['leg.opened', { room: 'allhands', epoch: NaN }],
  ['call.hung-up', { room: 'allhands', leg: 3 }],
])('%s with %o says nothing of a call', (event, fields) => {
  expect(callChange(line(0, event, fields))).toBeNull();
});
