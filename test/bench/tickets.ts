import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, SignJWT } from 'jose';
import { Tickets, type TicketVerdict } from '../../relay/access/tickets.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { ticketConfig, ticketsBy } from '../support/tickets.ts';
import { median } from './fanout/meter.ts';

/** What one check of a kind of ticket costs. */
export interface TicketCost {
  name: string;
  verdict: string;
  /** From question to answer, one after the other: the median. */
  alongMs: number;
  /** CPU of all threads for each of 1,000 that are asked at once: the median of the rounds. */
  cpuMs: number;
}

/** A check of a ticket should cost no more. */
export const ASKED_TICKET_MS = 0.2;

const ONE_BY_ONE = 2000;
const AT_ONCE = 1000;
const ROUNDS = 9;
const SECRET = 'a secret of thirty-two characters';
const PREVIOUS_SECRET = 'the secret before: 32 characters!';
const ISSUER = 'https://id.example';
const TTL_SEC = 3600;

/** Checks tickets of every kind, as the relay does before it lets a listener in. */
export async function ticketCosts(): Promise<TicketCost[]> {
  const room = parseRoomId('board');
  if (!room) throw new Error('board is a room id');
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keySet = await openKeySet([
    { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256', use: 'sig' },
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
  ]);
  const own = ticketConfig(SECRET, { previousSecret: PREVIOUS_SECRET });
  const tickets = new Tickets(own);
  const provided = new Tickets(ticketConfig(SECRET, { jwksUrl: keySet.url, issuer: ISSUER }));
  const right = await ticketsBy(SECRET).issue([room], 'listen', TTL_SEC);
  const kinds: [string, Tickets, string][] = [
    ['HS256 by the secret', tickets, right],
    [
      'HS256 by the previous secret',
      tickets,
      await ticketsBy(PREVIOUS_SECRET).issue([room], 'listen', TTL_SEC),
    ],
    ['ES256 by a key set', provided, await providersTicket(room, 'ES256', 'ec', ec.privateKey)],
    ['RS256 by a key set', provided, await providersTicket(room, 'RS256', 'rsa', rsa.privateKey)],
    [
      'HS256 with a wrong signature',
      tickets,
      `${right.slice(0, right.lastIndexOf('.') + 1)}${'A'.repeat(43)}`,
    ],
    ['no token at all, 4,096 characters', tickets, 'x'.repeat(4096)],
  ];
  try {
    const costs: TicketCost[] = [];
    for (const [name, by, ticket] of kinds) {
      costs.push({ name, ...(await costOf(() => by.check(ticket, room, 'listen'))) });
    }
    return costs;
  } finally {
    keySet.server.close();
  }
}

async function costOf(check: () => Promise<TicketVerdict>): Promise<Omit<TicketCost, 'name'>> {
  const verdict = await check();
  const alongMs: number[] = [];
  // The first half warms up.
  for (let n = 0; n < 2 * ONE_BY_ONE; n++) {
    const fromMs = performance.now();
    await check();
    if (n >= ONE_BY_ONE) alongMs.push(performance.now() - fromMs);
  }
  const cpuMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: AT_ONCE }, check));
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000 / AT_ONCE);
  }
  return {
    verdict: verdict.kind === 'right' ? 'right' : verdict.code,
    alongMs: median(alongMs),
    cpuMs: median(cpuMs),
  };
}

function providersTicket(room: RoomId, alg: string, kid: string, key: KeyObject): Promise<string> {
  return new SignJWT({ room, scope: 'listen' })
    .setProtectedHeader({ alg, kid })
    .setIssuer(ISSUER)
    .setAudience('conf-listener')
    .setIssuedAt()
    .setExpirationTime(`${TTL_SEC}s`)
    .sign(key);
}

/** An identity provider's key set, on this machine. */
async function openKeySet(keys: object[]): Promise<{ url: string; server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, server };
}
