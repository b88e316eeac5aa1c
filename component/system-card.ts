/** What the system's own controls (lock screen, headset keys) lead to. */
export interface SystemControls {
  play(): void;
  stop(): void;
}

/**
 * Shows the player among the system's media controls, or takes it away when there are no controls. The page's other
 * players share the one place: the last to start has it. Does nothing where there is no Media Session.
 */
export function showSystemCard(title: string, controls: SystemControls | undefined): void {
  const session: MediaSession | undefined = navigator.mediaSession;
  if (!session) return;
  session.metadata = controls ? new MediaMetadata({ title, artist: 'Live' }) : null;
  session.setActionHandler('play', controls ? () => controls.play() : null);
  // A live sound that pauses has stopped: there is nothing to go on with.
  for (const action of ['pause', 'stop'] as const) {
    session.setActionHandler(action, controls ? () => controls.stop() : null);
  }
}
