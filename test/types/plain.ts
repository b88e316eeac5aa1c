// What a page's own TypeScript sees after `import 'conf-listener'`.
import { ConfListener, type PlayerState, type TicketProvider } from 'conf-listener';

const player = document.querySelector('conf-listener');
const made: ConfListener = document.createElement('conf-listener');
const state: PlayerState | undefined = player?.state;
const provider: TicketProvider = async (room, reason) => `${room} ${reason}`;
made.tokenProvider = provider;
const error: string | undefined = player?.error?.docs;

player?.addEventListener('conf-caption', (event) => {
  const words: string = event.detail.text;
  // @ts-expect-error -- a caption has no volume
  return [words, event.detail.volume];
});
document.addEventListener('conf-statechange', ({ detail }) => detail.state === 'live');
window.addEventListener('conf-level', ({ detail }) => detail.peak > -3);
export type Play = HTMLElementEventMap['conf-play'];
document.body.addEventListener(
  'conf-play',
  (event) => event.detail.trigger === 'user' && event.preventDefault(),
);
// @ts-expect-error -- there is no such state
document.body.addEventListener('conf-statechange', ({ detail }) => detail.state === 'loud');
// @ts-expect-error -- only the player says what it is doing
made.state = 'live';
// @ts-expect-error -- a number
made.volume = 'loud';

export { error, state };
