import { problem } from '../errors.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { bearerToken, type TicketVerdict } from '../access/tickets.ts';
import type { Admission } from '../leg.ts';
import type { Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';
import type { LegDoor, Upgrade } from './leg-door.ts';

/** What publishers' requests are answered with. */
export interface L16DoorParts {
  door: LegDoor;
  checkTicket: (ticket: string, room: RoomId) => Promise<TicketVerdict>;
  admit: (room: RoomId) => Admission | undefined;
  log: Log;
}

/**
 * Publishers of plain L16: any PBX, ffmpeg or test that sends the platform's first text and frames to
 * `WS /ingest/{room}` with a ticket of scope `publish` in `Authorization: Bearer`.
 */
export class L16Door {
  readonly #parts: L16DoorParts;

  constructor(parts: L16DoorParts) {
    this.#parts = parts;
  }

  /** 400 for what is no room id, 401 for a wrong ticket, 404 for an unknown room; 4409 where a publisher is already. */
  async upgrade(upgrade: Upgrade, roomText: string): Promise<void> {
    const { admit, checkTicket, door, log } = this.#parts;
    const room = parseRoomId(roomText);
    if (!room) {
      log.warn('publisher.refused', { why: 'bad-room-id' });
      return refuseUpgrade(upgrade.socket, problem('bad-room-id', 'A room id is a-z, 0-9 and -.'));
    }
    const ticket = bearerToken(upgrade.request.headers.authorization);
    const verdict = ticket === undefined ? undefined : await checkTicket(ticket, room);
    if (verdict?.kind !== 'right') {
      log.warn('publisher.refused', { room, why: verdict?.code ?? 'no-ticket' });
      return refuseUpgrade(
        upgrade.socket,
        problem('ticket-refused', 'Publishing needs a ticket of scope "publish".'),
      );
    }
    const admission = admit(room);
    if (!admission) {
      log.warn('publisher.refused', { room, why: 'room-not-found' });
      return refuseUpgrade(upgrade.socket, problem('room-not-found', `There is no room "${room}".`));
    }
    door.open(upgrade, room, admission);
  }
}
