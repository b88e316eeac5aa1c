/** A player that shares the ear with others. */
export interface Sharing {
  /** `page`: one at a time on the page · `browser`: in all its tabs · `none`: beside any other. */
  readonly exclusive: string;
  /** Another has started. */
  onOutplayed(): void;
}

const CHANNEL = 'conf-listener';
/** Players that sound, and where a player of another tab tells them that it starts. */
const sounding = new Map<Sharing, BroadcastChannel>();

/** `player` starts: those that may not sound beside it are told. A `none` neither ends another nor is ended. */
export function takeEar(player: Sharing): void {
  leaveEar(player);
  const { exclusive } = player;
  if (exclusive === 'none') return;
  for (const other of sounding.keys()) other.onOutplayed();
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', () => player.onOutplayed());
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
  if (exclusive === 'browser') channel.postMessage('');
  sounding.set(player, channel);
}

/** `player` has stopped. */
export function leaveEar(player: Sharing): void {
  sounding.get(player)?.close();
  sounding.delete(player);
}
