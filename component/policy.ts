import type { Transport } from './line.ts';

/** Calls `act` with what the page's Content-Security-Policy has kept from reaching a room, until `signal` says to end. */
export function onForbidden(
  roomUrl: string,
  signal: AbortSignal,
  act: (transports: readonly Transport[]) => void,
): void {
  addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, disposition }) => {
      const address = blockedURI.replace(/^ws/, 'http');
      // The report names the address or only its origin.
      const ours = address.startsWith(roomUrl) || (address && roomUrl.startsWith(address));
      if (!ours || disposition !== 'enforce') return;
      act(address === blockedURI ? ['stream', 'poll'] : ['websocket']);
    },
    { signal },
  );
}
