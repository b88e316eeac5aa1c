import { CloseCode } from '../wire/messages.ts';

/** What stands in the way of listening, as a reader of the page is told. */
export type ErrorKind = 'not-found' | 'denied' | 'full' | 'network' | 'unsupported' | 'config';

/** Why the player stopped by itself: `error` of the element and detail of `conf-error`. */
export interface PlayerError {
  kind: ErrorKind;
  /** Stable word for programs and logs. */
  code: string;
  /** For the people who run the page: what happened and what to do. */
  message: string;
  /** Whether pressing Listen again may help without a change. */
  retryable: boolean;
}

/** The error of a final close code (≥ 4400); `reason` is what the relay says. wire/PROTOCOL.md, "Close codes". */
export function errorOfClose(code: number, reason: string): PlayerError {
  const tell = (kind: ErrorKind, name: string, retryable: boolean, why: string): PlayerError => ({
    kind,
    code: name,
    message: `The relay closed with ${code}: ${reason || why}`,
    retryable,
  });
  switch (code) {
    case CloseCode.unauthorized:
      return tell('denied', 'ticket', false, 'the ticket is missing, wrong or expired');
    case CloseCode.forbidden:
      return tell('denied', 'forbidden', false, 'this page or ticket may not enter the room');
    case CloseCode.notFound:
      return tell('not-found', 'no-room', false, 'there is no such room');
    case CloseCode.tooMany:
      return tell('full', 'too-many', true, 'no more listeners are admitted');
    case CloseCode.superseded:
      return tell('network', 'superseded', true, 'another connection took this one’s place');
    default:
      return tell('config', 'bad-request', false, 'the relay does not understand this player');
  }
}

/** The relay could not be reached for too long. */
export function unreachable(tries: number): PlayerError {
  return {
    kind: 'network',
    code: 'unreachable',
    message: `The relay could not be reached in ${tries} tries`,
    retryable: true,
  };
}

/** The page's own policy forbids the socket; the message holds the lines to add. facts/embedding.md §5.2. */
export function blockedByPolicy(socketUrl: string): PlayerError {
  const { host, protocol } = new URL(socketUrl);
  const secure = protocol === 'wss:' ? 's' : '';
  return {
    kind: 'config',
    code: 'csp',
    message:
      'This page does not let the player connect. Add to its Content-Security-Policy: ' +
      `connect-src http${secure}://${host} ws${secure}://${host}`,
    retryable: false,
  };
}

/** An attribute of the element is missing or wrong; `message` says which and what to write. */
export function misconfigured(message: string): PlayerError {
  return { kind: 'config', code: 'attribute', message, retryable: false };
}

/** No sound comes out of this browser. */
export const NO_SOUND: PlayerError = {
  kind: 'unsupported',
  code: 'no-device',
  message: 'The sound did not start: there is no sound device, or no Web Audio in this browser',
  retryable: true,
};
