import type { Strings } from './strings.ts';

/** A player that takes languages; one from before there were any does not. */
interface Polyglot {
  registerStrings(tag: string, strings: Strings): void;
}

/**
 * Gives the player its texts in the language `tag` (BCP 47) once there is a player on the page: what every language
 * script ends in. The script may stand before or after the player's, once or twice.
 */
export async function register(tag: string, strings: Strings): Promise<void> {
  const player = await customElements.whenDefined('conf-listener');
  if (isPolyglot(player)) player.registerStrings(tag, strings);
}

function isPolyglot(player: object): player is Polyglot {
  return 'registerStrings' in player && typeof player.registerStrings === 'function';
}
