import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../relay/config/config.ts';
import { until } from '../support/until.ts';
import { House } from './house.ts';
import { SECRET, config } from './config/given.ts';

let house: House;
beforeEach(async () => (house = await House.open({ settings: { rooms: ROOMS } })));
afterEach(() => house.close());

const ROOMS = [
  { id: 'allhands', title: 'All hands', silence: 'send' },
  { id: 'side', silence: 'send' },
];

/** The house's settings with others beside or in place of them. */
function settings(more: object): Config {
  return config({ file: { port: 0, ticketSecret: SECRET, history: false, rooms: ROOMS, ...more } });
}

describe('settings that are taken over while 2 listen', () => {
  test('bring a room, take one away and rename one: both hear on, nobody new enters the one that went', async () => {
    const [first, second] = [await house.listen('allhands'), await house.listen('side')];
    const mouth = await house.publish('side');
    house.relay.reload(
      settings({
        rooms: [
          { id: 'allhands', title: 'Everybody', silence: 'send' },
          { id: 'press', silence: 'send' },
        ],
      }),
    );
    mouth.speak(200);
    await until('the room that went is heard', () => second.chunks.length === 2);
    expect([first.closed, second.closed, mouth.closed]).toEqual([undefined, undefined, undefined]);
    expect(await (await house.listen('side')).end()).toBe(4404);
    expect((await house.listen('press')).messages[0]).toMatchObject({ type: 'hello', room: 'press' });
    const lines = house.log.of('config.changed').map(({ name, when }) => `${name} ${when}`);
    expect(lines).toEqual(['rooms.side at-rest', 'rooms.allhands.title at-rest', 'rooms.press now']);
    expect(house.log.of('config.reloaded')).toMatchObject([{ changes: 3, waiting: 'allhands side' }]);
  });

  test('limit a room to 1: the next is refused with 4429, the 2 who are in stay', async () => {
    const ears = [await house.listen('allhands'), await house.listen('allhands')];
    house.relay.reload(settings({ limits: { perRoom: 1 } }));
    expect(await (await house.listen('allhands')).end()).toBe(4429);
    expect(ears.map(({ closed }) => closed)).toEqual([undefined, undefined]);
  });

  test('change the ticket secret: tickets of the one before are taken while it is the previous one', async () => {
    const ticket = await house.ticket('allhands', 'publish');
    const next = 'another secret of thirty-two letters';
    house.relay.reload(settings({ ticketSecret: next, previousTicketSecret: SECRET }));
    const mouth = await house.publish('allhands', { ticket });
    expect(mouth.refusedWith).toBeUndefined();
    house.relay.reload(settings({ ticketSecret: next }));
    expect((await house.publish('side', { ticket, introduced: false })).refusedWith).toBe(401);
    expect(house.log.of('config.changed').every(({ from, to }) => from === '…' && to === '…')).toBe(true);
  });

  test('move a closed room’s opening by an hour: who waits is told at once', async () => {
    const date = new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10);
    const schedule = (opens: string) => ({ timeZone: 'UTC', sessions: [{ date, opens, closes: '23:00' }] });
    const rooms = (opens: string) => ({ rooms: [...ROOMS, { id: 'later', schedule: schedule(opens) }] });
    house.relay.reload(settings(rooms('14:00')));
    const ear = await house.listen('later');
    house.relay.reload(settings(rooms('15:00')));
    await until('it is told', () => ear.messages.length === 2);
    const opensAt = ear.messages.map((message) => ('opensAt' in message ? message.opensAt : undefined));
    expect(opensAt).toEqual([Date.parse(`${date}T14:00Z`), Date.parse(`${date}T15:00Z`)]);
  });
});
