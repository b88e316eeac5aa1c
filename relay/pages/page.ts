/** What of the player this script touches. */
interface Player extends HTMLElement {
  token: string;
}

const player = document.querySelector<Player>('conf-listener');

/** The ticket of a personal link stands behind its `#`, which browsers send nowhere. */
function takeTicket(): void {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (ticket && player) player.token = ticket;
}

/** The page's policy refuses styles in its text; a script of ours may set them. */
function paint({ style, dataset: { accent, onAccent } }: Player): void {
  if (accent) style.setProperty('--conf-listener-accent', accent);
  if (onAccent) style.setProperty('--conf-listener-on-accent', onAccent);
}

addEventListener('hashchange', takeTicket);
takeTicket();
if (player) paint(player);
