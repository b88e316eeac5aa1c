import { Tickets } from '../access/tickets.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { envName } from '../config/setting-sources.ts';
import { readWish, readingText, ticketText, type TicketWish } from './ticket-text.ts';
import { printJson, refuse, warn, type ExitCode, type Terminal } from './terminal.ts';

const MAX_INPUT_CHARS = 10_000;

/** Prints a ticket. The settings are read once it is clear what is wanted; `load` says itself what is wrong with them. */
export async function issueToken(
  asked: { room: string; scope: string | undefined; ttl: string | undefined; json: boolean },
  load: () => Config | undefined,
  { terminal, clock }: { terminal: Terminal; clock: Clock },
): Promise<ExitCode> {
  const reading = readWish(asked.room, asked.scope, asked.ttl);
  if (reading.kind === 'fault') return refuse(terminal, `token: ${reading.detail}`);
  const { wish } = reading;
  const config = load();
  if (!config) return 2;
  if (config.tickets.secret === undefined) {
    return refuse(terminal, `token: set ${envName('ticketSecret')} first, as with: openssl rand -base64 32`);
  }
  if (wish.room !== '*' && !config.rooms.some(({ id }) => id === wish.room)) {
    warn(terminal, `token: these settings have no room "${wish.room}"; the ticket is for a relay that has`);
  }
  const wallMs = clock.wallMs();
  const jwt = await new Tickets(config.tickets).issue([wish.room], wish.scope, wish.ttlSec);
  if (asked.json) printJson(terminal, tokenJson(wish, jwt, config.publicUrl, wallMs));
  else terminal.out(ticketText(wish, jwt, config.publicUrl, wallMs));
  return 0;
}

function tokenJson(
  { room, scope, ttlSec }: TicketWish,
  ticket: string,
  publicUrl: string,
  wallMs: number,
): object {
  const expiresAt = new Date((Math.floor(wallMs / 1000) + ttlSec) * 1000).toISOString();
  const link = scope === 'listen' ? { link: `${publicUrl}/listen/${room}#ticket=${ticket}` } : {};
  return { ticket, room, scope, expiresAt, ...link };
}

/** Says whether a ticket is right; 1 where it is not. `-`: it comes on standard input. */
export async function checkToken(
  given: string,
  load: () => Config | undefined,
  { terminal, input }: { terminal: Terminal; input: AsyncIterable<unknown> },
): Promise<ExitCode> {
  if (given === '')
    return refuse(terminal, 'checktoken: give the ticket, or - and the ticket on standard input');
  const config = load();
  if (!config) return 2;
  const ticket = given === '-' ? await textOf(input) : given;
  const reading = await new Tickets(config.tickets).read(ticket.trim());
  terminal.out(`${readingText(reading)}\n`);
  return reading.kind === 'ticket' ? 0 : 1;
}

/** What comes on standard input, up to more than any ticket has. */
async function textOf(input: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const part of input) {
    text += String(part);
    if (text.length > MAX_INPUT_CHARS) break;
  }
  return text;
}
