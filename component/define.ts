import { ConfListener } from './conf-listener.ts';

export type { ConfEventMap, PlayTrigger, StopTrigger } from './events.ts';
export type { ErrorKind, PlayerError } from './player-error.ts';
export type { SessionStats } from './session.ts';
export type { PlayerState } from './status.ts';
export type { TicketProvider, TicketReason } from './ticket-source.ts';
export { ConfListener };

// The script may be on a page twice, as classic and module or in two versions: the first one stays.
if (!customElements.get('conf-listener')) customElements.define('conf-listener', ConfListener);

declare global {
  interface HTMLElementTagNameMap {
    'conf-listener': ConfListener;
  }
}
