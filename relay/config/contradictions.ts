import type { RoomConfig } from './room-config.ts';
import { envName, type ConfigFault } from './setting-sources.ts';
import type { Settings } from './settings.ts';

/** Settings each of which is right, and which together do not do what somebody meant. `rooms` are those of the settings. */
export function contradictions(settings: Settings, rooms: readonly RoomConfig[]): ConfigFault[] {
  return [...aboutTickets(settings), ...rooms.flatMap((room, index) => aboutRoom(settings, room, index))];
}

function aboutTickets(settings: Settings): ConfigFault[] {
  const { ticketSecret, previousTicketSecret, ticketJwksUrl, ticketIssuer } = settings;
  const adminKey = settings['admin.key'];
  const faults: ConfigFault[] = [];
  const add = (name: string, detail: string) => faults.push({ name, detail });
  if (ticketJwksUrl !== undefined && ticketIssuer === undefined) {
    add(
      'ticketIssuer',
      'is missing: without it tickets for anything else that the identity provider signs would do',
    );
  }
  if (previousTicketSecret !== undefined) {
    if (ticketSecret === undefined)
      add('previousTicketSecret', 'stands alone; it is ticketSecret that signs');
    else if (previousTicketSecret === ticketSecret) {
      add('previousTicketSecret', 'is ticketSecret; leave it out, or make ticketSecret a new one');
    }
  }
  if (adminKey !== undefined && (adminKey === ticketSecret || adminKey === previousTicketSecret)) {
    add('admin.key', 'is a secret that signs tickets too; try: openssl rand -base64 32');
  }
  return faults;
}

function aboutRoom(settings: Settings, room: RoomConfig, index: number): ConfigFault[] {
  const { id, access, origins, pin, hostPin, source } = room;
  const { ticketSecret, ticketJwksUrl } = settings;
  const faults: ConfigFault[] = [];
  const add = (field: keyof RoomConfig, detail: string) =>
    faults.push({ name: `rooms.${index}.${field}`, detail });
  if (access === 'ticket' && ticketSecret === undefined && ticketJwksUrl === undefined) {
    const detail = `is missing, and room "${id}" wants tickets; set ${envName('ticketSecret')}`;
    faults.push({ name: 'ticketSecret', detail });
  }
  if (access === 'origin' && ticketSecret === undefined) {
    const detail = `is missing, and the relay's own pages of room "${id}" are known by tickets; set ${envName('ticketSecret')}`;
    faults.push({ name: 'ticketSecret', detail });
  }
  if (access === 'origin' && origins.length === 0) {
    add('origins', `is missing: room "${id}" is for pages of some origins; name them`);
  }
  if (access === 'open' && origins.length > 0) {
    add('origins', `would not be looked at: room "${id}" is open to all; set its access to "origin"`);
  }
  if (hostPin !== undefined && pin === undefined)
    add('hostPin', `needs a pin for the others of room "${id}"`);
  if (hostPin !== undefined && hostPin === pin)
    add('hostPin', `is the pin: all of room "${id}" would be its host`);
  if (source === 'l16' && (pin ?? hostPin) !== undefined) {
    add('pin', `is keyed in at a phone, and room "${id}" is fed by a publisher; leave it out`);
  }
  return faults;
}
