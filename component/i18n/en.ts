import type { Strings } from './strings.ts';

/** English, the language of the core. */
export const en: Strings = {
  listen: 'Listen live',
  stop: 'Stop',
  again: 'Listen again',
  retry: 'Try again',
  mute: 'Mute',
  unmute: 'Unmute',
  volume: 'Volume',
  player: (title) => `${title}, live audio`,
  status: {
    idle: 'Ready to listen',
    blocked: 'Sound is blocked. Press Listen to start',
    connecting: 'Connecting…',
    waiting: 'Waiting for the host to start',
    live: 'Live',
    silent: 'Live, nobody is speaking',
    buffering: 'Buffering…',
    reconnecting: 'Connection lost. Reconnecting…',
    ended: 'The session has ended',
  },
  unavailable: 'The conference can’t be reached. Trying again…',
  attempt: (attempt) => `Connection lost. Reconnecting, try ${attempt}…`,
  liveAgain: 'Live again',
  error: {
    'not-found': 'There is no such session. Check the link',
    denied: 'You are not admitted to this session. Ask for a new link',
    full: 'The session is full. Try again in a moment',
    network: 'The connection could not be made. Check your network',
    unsupported: 'No sound comes out. Check your sound device',
    config: 'This player is not set up correctly. Tell the site’s owner',
  },
};
