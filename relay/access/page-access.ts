import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { RoomConfig } from '../config/room-config.ts';
import { ProblemError } from '../errors.ts';
import { refusalOf } from './access-refusal.ts';
import type { RoomAccess } from './room-access.ts';
import type { Tickets } from './tickets.ts';

/** Short: it only tells our pages from others, and a page fetches another in time. */
const PAGE_TICKET_SEC = 600;

/** A room as the relay's own pages show it. */
export interface RoomPage {
  room: RoomId;
  /** Undefined where only listeners may know it. */
  title: string | undefined;
  /** Stands in for the origin that a sandboxed frame does not have; undefined where origins do not matter. */
  ticket: string | undefined;
  /** Whether everybody may listen, without script too. */
  isOpen: boolean;
  /** Pages of which origins may frame it; empty: of any. */
  origins: readonly string[];
}

/** What the pages are made of. */
export interface PageAccessParts {
  rooms: ReadonlyMap<RoomId, Pick<RoomConfig, 'access' | 'origins' | 'title'>>;
  tickets: Pick<Tickets, 'issue' | 'checkPage'>;
  access: Pick<RoomAccess, 'hidesRooms' | 'isRevoked'>;
}

/** Who may see which of the relay's own pages, and what those bring with them. */
export class PageAccess {
  readonly #parts: PageAccessParts;

  constructor(parts: PageAccessParts) {
    this.#parts = parts;
  }

  /** A room's page; throws the problem where there is none. A private room's page looks as that of no room. */
  async page(roomText: string): Promise<RoomPage> {
    const room = parseRoomId(roomText);
    if (!room) throw ProblemError.of(refusalOf('bad-room-id'));
    const config = this.#parts.rooms.get(room);
    if (!config && !this.#parts.access.hidesRooms) throw ProblemError.of(refusalOf('room-not-found'));
    const isPrivate = !config || config.access === 'ticket';
    return {
      room,
      title: isPrivate ? undefined : config.title,
      ticket: config?.access === 'origin' ? await this.#issue(room) : undefined,
      isOpen: config?.access === 'open',
      origins: isPrivate ? [] : config.origins,
    };
  }

  /** Another ticket for a page that has one; throws the problem where it has none. */
  async renew(roomText: string, ticket: string | undefined): Promise<string> {
    const room = parseRoomId(roomText);
    if (!room) throw ProblemError.of(refusalOf('bad-room-id'));
    const verdict = await this.#parts.tickets.checkPage(ticket, room);
    if (verdict.kind === 'wrong' || this.#parts.access.isRevoked(room, verdict.ticket))
      throw ProblemError.of(refusalOf('ticket-refused'));
    return this.#issue(room);
  }

  #issue(room: RoomId): Promise<string> {
    return this.#parts.tickets.issue([room], 'page', PAGE_TICKET_SEC);
  }
}
