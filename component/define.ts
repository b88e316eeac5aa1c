import { ConfListener } from './conf-listener.ts';

export type { Caption } from './caption-lines.ts';
export type * from './events.ts';
export type { Strings } from './i18n/strings.ts';
export type { ErrorKind, PlayerError } from './player-error.ts';
export type { RoomMeta, SessionStats } from './session-parts.ts';
export type { PlayerState } from './status.ts';
export type { TicketProvider, TicketReason } from './ticket-source.ts';
export { ConfListener };

// The script may be on a page twice, as classic and module or in two versions: the first one stays.
ConfListener.define();

declare global {
  interface HTMLElementTagNameMap {
    'conf-listener': ConfListener;
  }
}
