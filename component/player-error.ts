import { CloseCode } from '../wire/messages.ts';

/** What stands in the way of listening, as a reader of the page is told. */
export type ErrorKind = 'not-found' | 'denied' | 'full' | 'network' | 'unsupported' | 'config';

/** Why the player stopped by itself. */
export interface Fault {
  kind: ErrorKind;
  /** Stable word for programs and logs. */
  code: string;
  /** For the people who run the page: what happened and what to do. */
  message: string;
  /** Whether pressing Listen again may help without a change. */
  retryable: boolean;
}

/** `error` of the element and detail of `conf-error`. */
export interface PlayerError extends Fault {
  /** Address of a page about this code: what it means and what to do. */
  docs: string;
}

/** An error of a kind; those of the network, of the device and of too many may pass by themselves. */
export function playerError(kind: ErrorKind, code: string, message: string): Fault {
  const retryable = kind === 'network' || kind === 'full' || kind === 'unsupported';
  return { kind, code, message, retryable };
}

/** Final close codes: the kind, and the word for programs. */
const CLOSINGS: Readonly<Record<number, [ErrorKind, string]>> = {
  [CloseCode.unauthorized]: ['denied', 'ticket'],
  [CloseCode.forbidden]: ['denied', 'forbidden'],
  [CloseCode.notFound]: ['not-found', 'no-room'],
  [CloseCode.tooMany]: ['full', 'too-many'],
  [CloseCode.superseded]: ['network', 'superseded'],
};

/** The error of a final close code (≥ 4400); `reason` is what the relay says. wire/PROTOCOL.md, "Close codes". */
export function errorOfClose(closeCode: number, reason: string): Fault {
  const [kind, code] = CLOSINGS[closeCode] ?? ['config', 'bad-request'];
  const remedy = remedyOf(closeCode);
  return playerError(kind, code, `The relay closed with ${closeCode} (${reason || code})${remedy}`);
}

/** What to do, where the relay's reason alone does not tell. A sandboxed frame's origin is not its address's. */
function remedyOf(closeCode: number): string {
  if (closeCode === CloseCode.forbidden) return `. Ask its operator to add the origin ${self.origin}`;
  return closeCode === CloseCode.unauthorized ? '. Give the player a valid ticket' : '';
}

/** The page's own policy forbids the socket; the message holds the lines to add. */
export function blockedByPolicy(socketUrl: string): Fault {
  const { origin } = new URL(socketUrl);
  return playerError(
    'config',
    'csp',
    `The page forbids the connection. Add to its Content-Security-Policy: connect-src ${origin.replace('ws', 'http')} ${origin}`,
  );
}

/** An attribute of the element is missing or wrong; `wanted` says what to write. */
export function misconfigured(attribute: string, value: string, wanted: string): Fault {
  return playerError('config', 'attribute', `The attribute "${attribute}" is "${value}", not ${wanted}`);
}
