import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LegTickets } from '../../../relay/access/leg-tickets.ts';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';
import { House, type Ear } from '../house.ts';
import { HandPlatform } from './hand-platform.ts';

let platform: HandPlatform;
let house: House;
let ear: Ear;
beforeEach(async () => {
  platform = await HandPlatform.open();
  house = await House.open({ settings: platform.settings, random: () => 0 });
  ear = await house.listen();
});
afterEach(async () => {
  const closed = house.close();
  await Promise.all([closed, ear.end()]);
  await platform.close();
});

/** Why legs were refused, in order. */
function refusals(of = house): unknown[] {
  return of.log.of('leg.refused').map(({ why }) => why);
}

describe('P5: a dialled leg is refused with 401 before the upgrade, with one line in the log,', () => {
  const strange = new LegTickets().issue(roomId('allhands'), Date.now(), performance.now());
  test.each([
    ['with a ticket that is garbage', () => '/vonage/leg/allhands/%00.__proto__.x'],
    ['with a ticket of another process', () => `/vonage/leg/allhands/${strange}`],
    ['with the ticket of another room', (path: string) => path.replace('allhands', 'side')],
    ['with one letter changed', (path: string) => path.replace(/.$/, (last) => (last === 'Q' ? 'g' : 'Q'))],
    ['to a room that has no such id', (path: string) => path.replace('allhands', 'AllHands')],
  ])('%s; the right one is let in after it', async (_, pathOf) => {
    const { path } = await platform.call(0);
    const wrong = await platform.dial(house, pathOf(path));
    expect([wrong.refusedWith, refusals()]).toEqual([401, ['ticket-wrong']]);
    expect((await platform.dial(house, path)).refusedWith).toBeUndefined();
  });

  test('with the right ticket that the platform did not sign; the ticket is not used up by that', async () => {
    const { path } = await platform.call(0);
    const forged = await platform.dial(house, path, { secret: 'guessed' });
    expect([forged.refusedWith, refusals()]).toEqual([401, ['signature-not-a-token']]);
    expect((await platform.dial(house, path)).refusedWith).toBeUndefined();
  });

  test('with a ticket that was used: while its leg is up, and when it has gone', async () => {
    const { path } = await platform.call(0);
    const leg = await platform.dial(house, path);
    expect((await platform.dial(house, path)).refusedWith).toBe(401);
    leg.socket.terminate();
    await until('the leg has gone', () => house.log.of('leg.closed').length === 1);
    expect((await platform.dial(house, path)).refusedWith).toBe(401);
    expect(refusals()).toEqual(['ticket-spent', 'ticket-spent']);
  });

  test('but for one, of 20 at once with the same ticket', async () => {
    const { path } = await platform.call(0);
    const legs = await Promise.all(Array.from({ length: 20 }, () => platform.dial(house, path)));
    expect(legs.filter(({ refusedWith }) => refusedWith === 401)).toHaveLength(19);
    expect(house.log.of('leg.opened')).toHaveLength(1);
  });

  test('60 s after its call was asked for, and not before', async () => {
    const clock = new FakeClock();
    const late = await House.open({ settings: platform.settings, clock });
    const one = await late.listen();
    const two = await late.listen('side');
    const [first, second] = [await platform.call(1), await platform.call(2)];
    // The signature is of the fake clock's time: this test is about the ticket.
    clock.advance(59_999);
    expect(
      (await platform.dial(late, first.path, { iat: clock.wallMs() / 1000 })).refusedWith,
    ).toBeUndefined();
    clock.advance(2);
    expect((await platform.dial(late, second.path, { iat: clock.wallMs() / 1000 })).refusedWith).toBe(401);
    expect(refusals(late)).toContain('ticket-late');
    const closed = late.close();
    await Promise.all([closed, one.end(), two.end()]);
  });
});

describe('P5: a ticket that is right and was not used, of a call that was given up,', () => {
  test('is let in to be closed with 4409, before and after the next leg is there', async () => {
    const first = await platform.call(0);
    await platform.tell(house, first, 'failed');
    const second = await platform.call(1);
    expect(await (await platform.dial(house, first.path)).end()).toBe(4409);
    await platform.tell(house, second, 'failed');
    const third = await platform.call(2);
    const leg = await platform.dial(house, third.path);
    expect(await (await platform.dial(house, second.path)).end()).toBe(4409);
    expect([leg.closed, refusals()]).toEqual([undefined, ['superseded', 'superseded']]);
  });
});

test.each([
  ['/vonage/leg/allhands', 404],
  ['/vonage/leg/allhands/', 401],
])(
  'P5: %s, which has no ticket, is %i before the upgrade; the right one is let in after it',
  async (without, status) => {
    const { path } = await platform.call(0);
    expect((await platform.dial(house, without)).refusedWith).toBe(status);
    expect((await platform.dial(house, path)).refusedWith).toBeUndefined();
  },
);

test('P5: a publisher’s ticket that ran out 31 s ago is refused with 401, one that did 29 s ago is taken', async () => {
  const publishers = await House.open({ clock: new FakeClock() });
  const ticket = (ttlSec: number) => publishers.tickets.issue(['allhands'], 'publish', ttlSec);
  const late = await publishers.publish('allhands', { ticket: await ticket(-31), introduced: false });
  expect(late.refusedWith).toBe(401);
  const mouth = await publishers.publish('allhands', { ticket: await ticket(-29) });
  expect(mouth.refusedWith).toBeUndefined();
  await publishers.close();
});
