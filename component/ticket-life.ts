/** Longer ones fit neither a proxy's header nor the relay's `auth`. */
const MOST_CHARACTERS = 4096;
/** So much earlier than it was issued a browser's clock may be and still be called right, ms. */
const TOLERANCE_MS = 60_000;

/** Whether something is a ticket by its shape: the three parts of a JWT, at most 4096 characters. */
export function isTicket(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MOST_CHARACTERS && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

/** When a ticket was issued and when it is over, Unix ms; NaN where it does not say. Nothing is verified. RFC 7519 §4.1. */
export function timesOf(ticket: string): { issuedMs: number; endMs: number } {
  try {
    const [, payload = ''] = ticket.split('.');
    // Only numbers are read, so that what is no ASCII may come out wrong.
    const { iat, exp }: Record<string, unknown> = JSON.parse(
      atob(payload.replace(/-/g, '+').replace(/_/g, '/')),
    );
    return { issuedMs: msOf(iat), endMs: msOf(exp) };
  } catch {
    // No JSON, or not in base64.
    return { issuedMs: NaN, endMs: NaN };
  }
}

/**
 * How much longer a ticket that has just come is good, ms; not finite where it does not say. `wallMs` is the browser's
 * Unix time, which may be wrong by hours: where it lies outside of the ticket's life, all of that is still to come.
 */
export function lifeLeft(ticket: string, wallMs: number): number {
  const { issuedMs, endMs } = timesOf(ticket);
  const wrongClock = wallMs < issuedMs - TOLERANCE_MS || wallMs > endMs;
  return endMs - (wrongClock && issuedMs ? issuedMs : wallMs);
}

function msOf(seconds: unknown): number {
  return typeof seconds === 'number' ? seconds * 1000 : NaN;
}
