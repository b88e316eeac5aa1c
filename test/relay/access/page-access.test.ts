import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../../wire/room-id.ts';
import { PageAccess } from '../../../relay/access/page-access.ts';
import { RoomAccess } from '../../../relay/access/room-access.ts';
import type { RoomConfig } from '../../../relay/config/room-config.ts';
import { ProblemError } from '../../../relay/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';
import { ticketsBy } from '../../support/tickets.ts';

const HOUR_MS = 3_600_000;
const ORIGINS = ['https://intranet.example'];
type Room = Pick<RoomConfig, 'access' | 'origins' | 'title'>;
const ROOMS = new Map<RoomId, Room>([
  [roomId('allhands'), { access: 'open', origins: [], title: 'All hands' }],
  [roomId('press'), { access: 'origin', origins: ORIGINS, title: 'Press' }],
]);
const PRIVATE: Room = { access: 'ticket', origins: ORIGINS, title: 'Takeover' };

function stage({ hasPrivate = true } = {}) {
  const clock = new FakeClock();
  const rooms = hasPrivate ? new Map(ROOMS).set(roomId('board'), PRIVATE) : ROOMS;
  const tickets = ticketsBy('a secret of thirty-two characters', clock);
  const access = new RoomAccess({ rooms, tickets, ownOrigin: 'https://relay.example', clock });
  return { access, clock, tickets, pages: new PageAccess({ rooms, tickets, access }) };
}

/** The code of the problem that was thrown; undefined where none was. */
async function codeOf(done: Promise<unknown>): Promise<string | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problem.code;
  }
}

describe('the page of a room', () => {
  test('that is open has its title and no ticket, and may be framed by all', async () => {
    expect(await stage().pages.page('allhands')).toEqual({
      room: 'allhands',
      title: 'All hands',
      ticket: undefined,
      isOpen: true,
      origins: [],
    });
  });

  test('of some origins has a ticket of 10 minutes, which lets a sandboxed frame listen', async () => {
    const { access, pages, tickets } = stage();
    const { ticket, ...rest } = await pages.page('press');
    expect(rest).toEqual({ room: 'press', title: 'Press', isOpen: false, origins: ORIGINS });
    expect(await tickets.checkPage(ticket, roomId('press'))).toMatchObject({
      kind: 'right',
      ticket: { scopes: ['page'], rooms: ['press'], expiresAtMs: new FakeClock().wallMs() + 600_000 },
    });
    const comer = { origin: 'null', ticket, isTicketInUrl: false, address: undefined };
    expect(await access.check('press', comer)).toEqual({ kind: 'let-in', room: 'press' });
    expect(await access.check('board', comer)).toMatchObject({ kind: 'refused' });
  });

  test('that is private says no more than that of no room', async () => {
    const { pages } = stage();
    const nothing = { title: undefined, ticket: undefined, isOpen: false, origins: [] };
    expect(await pages.page('board')).toEqual({ room: 'board', ...nothing });
    expect(await pages.page('nowhere')).toEqual({ room: 'nowhere', ...nothing });
  });

  test('is not there where the room is not and nothing is private, nor for what is no room id', async () => {
    const { pages } = stage({ hasPrivate: false });
    expect(await codeOf(pages.page('nowhere'))).toBe('room-not-found');
    expect(await codeOf(pages.page('No Room'))).toBe('bad-room-id');
  });
});

describe('the ticket of a page', () => {
  test('that ran out 23 h ago is renewed, one of 25 h ago is not', async () => {
    const { clock, pages } = stage();
    const { ticket } = await pages.page('press');
    clock.advance(600_000 + 23 * HOUR_MS);
    const next = await pages.renew('press', ticket);
    expect(await codeOf(pages.renew('press', next))).toBeUndefined();
    clock.advance(2 * HOUR_MS);
    expect(await codeOf(pages.renew('press', ticket))).toBe('ticket-refused');
  });

  test('is none after 24 h for who would listen with it', async () => {
    const { access, clock, pages } = stage();
    const { ticket } = await pages.page('press');
    clock.advance(600_000 + 31_000);
    const comer = { origin: 'null', ticket, isTicketInUrl: false, address: undefined };
    expect(await access.check('press', comer)).toMatchObject({ refusal: { code: 'ticket-expired' } });
  });

  test.each([
    ['nothing', () => undefined],
    ['garbage', () => 'garbage'],
    ['a listener’s ticket', ({ tickets }: Stage) => tickets.issue(['press'], 'listen', 60)],
    ['another room’s', ({ tickets }: Stage) => tickets.issue(['board'], 'page', 60)],
  ])('is not given for %s', async (_, shown) => {
    const made = stage();
    expect(await codeOf(made.pages.renew('press', await shown(made)))).toBe('ticket-refused');
  });

  test('is not renewed once the room’s tickets were taken back; a page that is loaded anew has one', async () => {
    const { access, clock, pages } = stage();
    const { ticket } = await pages.page('press');
    clock.advance(1000);
    access.revoke(roomId('press'));
    expect(await codeOf(pages.renew('press', ticket))).toBe('ticket-refused');
    expect(await codeOf(pages.renew('press', (await pages.page('press')).ticket))).toBeUndefined();
  });
});

type Stage = ReturnType<typeof stage>;
