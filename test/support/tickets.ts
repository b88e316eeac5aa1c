import { Tickets } from '../../relay/access/tickets.ts';
import { systemClock, type Clock } from '../../relay/clock.ts';
import type { TicketConfig } from '../../relay/config/config.ts';

/** Settings of tickets that a secret signs, and whatever differs. */
export function ticketConfig(secret: string, other: Partial<TicketConfig> = {}): TicketConfig {
  const none = { previousSecret: undefined, jwksUrl: undefined, issuer: undefined };
  return { ...none, audience: 'conf-listener', secret, ...other };
}

/** Tickets that a secret signs. */
export function ticketsBy(secret: string, clock: Clock = systemClock): Tickets {
  return new Tickets(ticketConfig(secret), clock);
}
