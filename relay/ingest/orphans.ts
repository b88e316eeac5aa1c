import type { Log } from '../log.ts';
import type { LiveLeg, Provider } from './provider.ts';

/**
 * Hangs up what an earlier process of this relay left on the platform: a leg is an orphan when its ticket is not
 * one of ours. Asks once. A platform that does not answer costs a line in the log: the legs it may
 * have are refused at the door all the same. One after the other, for the platform's limit of requests a second.
 */
export async function hangUpOrphans(
  provider: Provider,
  isOurs: (leg: LiveLeg) => boolean,
  log: Log,
): Promise<void> {
  const found = await provider.liveLegs();
  if (found.kind === 'failed') return log.warn('orphans.unknown', { code: found.code });
  for (const leg of found.legs.filter((live) => !isOurs(live))) {
    log.warn('orphan.found', { room: leg.room, leg: leg.legId });
    await provider.hangUp(leg.room, leg.legId);
  }
}
