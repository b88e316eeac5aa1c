/** What the system's own controls (lock screen, headset keys) lead to. */
export interface SystemControls {
  onSystemPlay(): void;
  onSystemStop(): void;
}

/** The page's players share the one place: the last to start has it. */
let owner: SystemControls | undefined;

/** Shows a player among the system's media controls. Does nothing where there is no Media Session. */
export function showSystemCard(title: string, controls: SystemControls): void {
  owner = controls;
  fill(controls, title);
}

/** The player has another title: its card shows it, unless another player has taken the place. */
export function retitleSystemCard(title: string, controls: SystemControls): void {
  if (owner === controls) fill(controls, title);
}

/** The player has stopped: it is shown no more, unless another has taken its place. */
export function hideSystemCard(controls: SystemControls): void {
  if (owner !== controls) return;
  owner = undefined;
  fill();
}

function fill(controls?: SystemControls, title = ''): void {
  const session: MediaSession | undefined = navigator.mediaSession;
  if (!session) return;
  session.metadata = controls ? new MediaMetadata({ title, artist: 'Live' }) : null;
  session.setActionHandler('play', controls ? () => controls.onSystemPlay() : null);
  // A live sound that pauses has stopped: there is nothing to go on with.
  for (const action of ['pause', 'stop'] as const) {
    session.setActionHandler(action, controls ? () => controls.onSystemStop() : null);
  }
}
