import type { RoomConfig } from './room-config.ts';
import { isLoopback, isPrivateWay } from './loopback.ts';
import { envName, type ConfigFault } from './setting-sources.ts';
import type { Settings } from './settings.ts';

/**
 * What lets in people whom the operator may not have meant, or shows tickets to whoever is on the way; it starts only
 * with `insecure`. `rooms` are those of the settings, in their order.
 */
export function unsafeSettings(settings: Settings, rooms: readonly RoomConfig[]): ConfigFault[] {
  return [...openRooms(settings, rooms), ...plainWays(settings)];
}

function openRooms({ host }: Settings, rooms: readonly RoomConfig[]): ConfigFault[] {
  if (isLoopback(host)) return [];
  return rooms.flatMap(({ id, access }, index) => {
    if (access !== 'open') return [];
    const detail = `lets everybody who reaches ${JSON.stringify(host)} hear "${id}"; set "origin" with origins, or "ticket"`;
    return { name: `rooms.${index}.access`, detail };
  });
}

/** Ways on which tickets, keys and sound can be read or changed. The addresses stay untold: they may hold a password. */
function plainWays(settings: Settings): ConfigFault[] {
  const { host, publicUrl, ticketJwksUrl } = settings;
  const faults: ConfigFault[] = [];
  if (publicUrl === undefined && !isLoopback(host)) {
    const detail = `is missing: put a TLS proxy in front and give its https origin (${envName('publicUrl')})`;
    faults.push({ name: 'publicUrl', detail });
  }
  if (publicUrl !== undefined && !isSafePublicUrl(publicUrl, host)) {
    const detail =
      'is not https: tickets and sound are read on the way; put a TLS proxy in front and give its https origin';
    faults.push({ name: 'publicUrl', detail });
  }
  if (ticketJwksUrl !== undefined && !isPrivateWay(ticketJwksUrl)) {
    const detail =
      'is not https: whoever is on the way puts in a key and signs tickets; give its https address';
    faults.push({ name: 'ticketJwksUrl', detail });
  }
  const apiHosts = settings.rooms.map(({ apiHost }, index) => [`rooms.${index}.apiHost`, apiHost] as const);
  for (const [name, apiHost] of [['vonage.apiHost', settings['vonage.apiHost']] as const, ...apiHosts]) {
    if (apiHost === undefined || isPrivateWay(apiHost)) continue;
    const detail =
      'is not https: whoever is on the way places calls on your account; give the region’s https origin';
    faults.push({ name, detail });
  }
  if (!isPrivateWay(settings['vonage.restHost'])) {
    const detail = 'is not https: whoever is on the way reads the API secret; give its https origin';
    faults.push({ name: 'vonage.restHost', detail });
  }
  if (settings['admin.key'] !== undefined && !isLoopback(settings['admin.host'])) {
    const detail =
      'takes the admin key over plain http from elsewhere; set 127.0.0.1 and come by a tunnel or a TLS proxy';
    faults.push({ name: 'admin.host', detail });
  }
  return faults;
}

/** A relay that others reach is no loopback address, whatever its public one says. */
function isSafePublicUrl(publicUrl: string, host: string): boolean {
  return publicUrl.startsWith('https:') || (isPrivateWay(publicUrl) && isLoopback(host));
}
