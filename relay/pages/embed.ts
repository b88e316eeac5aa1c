/** What of the player a page around the frame can reach. */
interface Player extends HTMLElement {
  readonly state: string;
  muted: boolean;
  volume: number;
  play(): Promise<void>;
  stop(): void;
  toggle(): Promise<void>;
  goLive(): void;
}

/** What the page around is told: the player's events, without their `conf-`. */
const TOLD = ['statechange', 'play', 'stop', 'error', 'meta', 'volumechange', 'caption'];

const script = document.querySelector<HTMLElement>('script[data-origins]');
/** Pages of which origins may play the room; empty: of any. */
const origins = (script?.dataset['origins'] ?? '').split(' ').filter(Boolean);

/** Whether a page of an origin may ask and be told. In a sandbox a page has the origin `null`, which is in no list. */
function isAllowed(origin: string): boolean {
  if (origins.length === 0 || origin === location.origin) return true;
  return origins.some((pattern) => {
    const [before = '', after] = pattern.split('*');
    if (after === undefined) return origin === pattern;
    return origin.startsWith(before) && origin.endsWith(after);
  });
}

/** The origin of the page around, where the browser tells it. */
function originAround(): string | undefined {
  // Missing in older Firefoxes.
  const { ancestorOrigins }: Partial<Pick<Location, 'ancestorOrigins'>> = location;
  return ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : undefined);
}

/** Does what the page around asks for; what is none of ours, or no value of its kind, does nothing. */
function obey(player: Player, data: object): void {
  const value: unknown = Reflect.get(data, 'value');
  switch (Reflect.get(data, 'conf')) {
    case 'play':
      // A browser that refuses is told of by the state `blocked`.
      player.play().catch(() => {});
      return;
    case 'stop':
      return player.stop();
    case 'toggle':
      player.toggle().catch(() => {});
      return;
    case 'goLive':
      return player.goLive();
    case 'mute':
      if (value === undefined || typeof value === 'boolean') player.muted = value ?? true;
      return;
    case 'volume':
      if (typeof value === 'number' && Number.isFinite(value)) player.volume = value;
  }
}

/** Joins the player with the page around it, each way. */
function join(player: Player): void {
  const around = originAround();
  /** Who is told: whoever is around a room for all; else an origin of the room's, once it is known. */
  let told = origins.length === 0 ? '*' : around !== undefined && isAllowed(around) ? around : undefined;
  const tell = (conf: string, detail: unknown): void => {
    if (told !== undefined) parent.postMessage({ conf, detail }, told);
  };
  const tellReady = (): void => tell('ready', { state: player.state });
  for (const conf of TOLD)
    player.addEventListener(`conf-${conf}`, (event) => {
      if (event instanceof CustomEvent) tell(conf, event.detail);
    });
  addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
    if (source !== parent || !isAllowed(origin) || typeof data !== 'object' || data === null) return;
    if (told === undefined) {
      told = origin;
      tellReady();
    }
    obey(player, data);
  });
  tellReady();
}

/** Before it is defined the player can do nothing yet. */
async function begin(): Promise<void> {
  await customElements.whenDefined('conf-listener');
  const player = document.querySelector<Player>('conf-listener');
  if (player) join(player);
}

if (parent !== self) void begin();
