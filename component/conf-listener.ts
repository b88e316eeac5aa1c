import { LitElement, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit';
import { Announcer } from './announcer.ts';
import { styles } from './conf-listener.styles.ts';
import { playerTemplate } from './conf-listener.template.ts';
import { emit, type PlayTrigger, type StopTrigger } from './events.ts';
import { en } from './i18n/en.ts';
import { statusText } from './i18n/strings.ts';
import { LevelMeter } from './level-meter.ts';
import type { PlayerError } from './player-error.ts';
import { Session, type SessionHost, type SessionStats } from './session.ts';
import { isPlaying, stateOf, type PlayerState, type Status } from './status.ts';
import { showSystemCard, type SystemControls } from './system-card.ts';
import type { TicketProvider } from './ticket-source.ts';

/**
 * A player for the live sound of one conference room.
 *
 * Loads nothing and connects to nothing before Listen. Works under `script-src R; connect-src R wss:R` alone, R being
 * the relay: no inline styles, images, fonts, workers or eval. Has exactly one custom state at a time, the `state`
 * (`conf-listener:state(live)`), and `playing` and `muted` besides.
 *
 * @tag conf-listener
 * @attr {string} room - Room to listen to, `[a-z0-9][a-z0-9-]{0,63}`; required
 * @attr {string} relay - Relay's address; by default where this script came from
 * @attr {string} token - Ticket (JWT) for a room that asks for one; never reflected
 * @attr {string} token-url - Address that gives tickets, asked with `?room=` and cookies; answers the JWT or `{"token"}`
 * @attr {string} label - Title shown and spoken; by default the room's own
 * @attr {number} volume - Loudness, 0 to 1, heard as even steps; 1 by default
 * @attr {string} latency - Delay against breaks: `low`, `balanced` (default) or `smooth`
 * @attr {boolean} muted - Silent, but ready to be heard at once
 * @attr {boolean} autoplay - Starts by itself; where the browser refuses, on the first click or key on the page
 * @fires {CustomEvent} conf-statechange - `{state, previous, error}`; the one event most pages need
 * @fires {CustomEvent} conf-play - `{trigger}`; before listening starts, cancelable
 * @fires {CustomEvent} conf-stop - `{trigger}`; listening has ended
 * @fires {CustomEvent} conf-error - `{kind, code, message, retryable}`
 * @fires {CustomEvent} conf-stats - The figures of `getStats()`, every 10 s while connected
 * @slot - Shown only where the player cannot run: a link, an audio element
 * @slot title - In place of the title
 * @slot start - Before the button, as a logo
 * @slot end - Behind the controls, as more buttons
 * @csspart bar - The whole player
 * @csspart play - Button to listen and stop
 * @csspart icon - Picture on a button
 * @csspart title - Title line
 * @csspart status - Status line
 * @csspart dot - Mark before the status
 * @csspart meter - Level meter
 * @csspart meter-fill - Its moving bar
 * @csspart mute - Mute button
 * @csspart volume - Volume slider
 * @cssprop --conf-listener-accent - Button, slider and meter
 * @cssprop --conf-listener-on-accent - Picture on the button
 * @cssprop --conf-listener-background - Behind everything
 * @cssprop --conf-listener-color - Text
 * @cssprop --conf-listener-muted-color - Status line
 * @cssprop --conf-listener-border-color - Border
 * @cssprop --conf-listener-radius - Rounding of the corners, 12px by default
 * @cssprop --conf-listener-size - Height, 64px by default
 * @cssprop --conf-listener-font - Font family
 * @cssprop --conf-listener-live - Mark of the live states and of errors
 * @cssprop --conf-listener-meter - Level meter
 * @cssprop --conf-listener-focus - Focus outline
 */
export class ConfListener extends LitElement implements SessionHost {
  static override properties: PropertyDeclarations = {
    room: { reflect: true },
    relay: {},
    token: {},
    tokenUrl: { attribute: 'token-url' },
    tokenProvider: { attribute: false },
    label: {},
    volume: { type: Number },
    muted: { type: Boolean },
    latency: {},
    autoplay: { type: Boolean },
  };
  static override styles = styles;

  /** Room to listen to, `[a-z0-9][a-z0-9-]{0,63}`. A change while playing goes on in the new room. */
  declare room: string;
  /** Address of the relay, http: or https:, may have a path; '' is where this script came from. */
  declare relay: string;
  /** Ticket, or ''. A change while playing goes on with the new one, without another connection. */
  declare token: string;
  /** Address that gives tickets, relative to the page, or ''; beside it `token` is the first one. */
  declare tokenUrl: string;
  /** Gives tickets, before all else: to connect, before one runs out, and once when the relay refuses one. */
  declare tokenProvider: TicketProvider | undefined;
  /** Title, or '' for the room's own. */
  declare label: string;
  /** Loudness 0…1; other numbers are brought into it. */
  declare volume: number;
  /** Whether it is silent. */
  declare muted: boolean;
  /** `low`, `balanced` or `smooth` (other words mean balanced); used at the next connection. */
  declare latency: string;
  /** Whether it starts by itself, read when the element first shows. */
  declare autoplay: boolean;

  readonly #internals = this.attachInternals();
  readonly #session = new Session(this, import.meta.url);
  readonly #meter = new LevelMeter(this, () => (this.muted ? undefined : this.#session.heard));
  readonly #announcer = new Announcer(this);
  readonly #controls: SystemControls = {
    // Whoever forbids it in `conf-play` knows; there is nobody else to tell.
    play: () => void this.#play('user').catch(() => {}),
    stop: () => this.#stop('user'),
  };
  #state: PlayerState = 'idle';
  #open = false;

  constructor() {
    super();
    this.room = '';
    this.relay = '';
    this.token = '';
    this.tokenUrl = '';
    this.label = '';
    this.volume = 1;
    this.muted = false;
    this.latency = 'balanced';
    this.autoplay = false;
  }

  /** What the player is doing. */
  get state(): PlayerState {
    return this.#state;
  }

  /** Why it is in the state `error`; null in every other. */
  get error(): PlayerError | null {
    const { status } = this.#session;
    return status.phase === 'error' ? status.error : null;
  }

  /** Whether Listen has been pressed and nothing has stopped it since. */
  get playing(): boolean {
    return isPlaying(this.#session.status);
  }

  /**
   * Starts to listen. Rejects with NotAllowedError where the browser wants a gesture first (state `blocked`; it then
   * starts with the next gesture on the page) and with AbortError where a `conf-play` handler forbids it.
   */
  async play(): Promise<void> {
    await this.#play('script');
    if (this.#state === 'blocked') throw new DOMException(en.status.blocked, 'NotAllowedError');
  }

  /** Ends listening and closes the connection. */
  stop(): void {
    this.#stop('script');
  }

  /** Starts to listen, or stops. Rejects as {@link play}. */
  async toggle(): Promise<void> {
    if (this.playing) this.stop();
    else await this.play();
  }

  /** Figures of the current session, counts and ms; undefined while not listening. */
  getStats(): SessionStats | undefined {
    return this.#session.stats;
  }

  /** @internal Called by the session. */
  onStatus(status: Status): void {
    const previous = this.#state;
    const state = stateOf(status);
    this.#meter.run(isPlaying(status));
    if (state === previous) return;
    showSystemCard(this.#title, isPlaying(status) ? this.#controls : undefined);
    this.#state = state;
    this.#announcer.tell(state, statusText(status, en), en.liveAgain);
    emit(this, 'conf-statechange', { state, previous, error: this.error });
    if (this.error) {
      if (this.error.kind === 'config') console.error(`<conf-listener>: ${this.error.message}`);
      emit(this, 'conf-error', this.error);
    }
    if (state === 'ended' || state === 'error') this.#stopped(state);
  }

  /** @internal Called by the session. */
  onStats(stats: SessionStats): void {
    emit(this, 'conf-stats', stats);
  }

  /** @internal Called by the session. */
  onRemoved(): void {
    this.#stop('removed');
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('volume')) this.volume = Math.min(1, Math.max(0, this.volume || 0));
    if (changed.has('volume') || changed.has('muted')) this.#session.applyVolume();
    // The first update brings the attributes; later ones a change of mind.
    if (!this.hasUpdated) return;
    if (changed.has('room') || changed.has('relay')) this.#session.rejoin();
    else if (changed.has('token')) this.#session.takeToken();
  }

  protected override firstUpdated(): void {
    const meter = this.renderRoot.querySelector('.meter');
    if (meter) this.#meter.attach(meter);
    this.#internals.role = 'group';
    if (this.autoplay) this.#play('autoplay').catch(() => {});
  }

  protected override updated(): void {
    this.#internals.ariaLabel = en.player(this.#title);
    // Missing before Chromium 125, Firefox 126 and Safari 17.4.
    const states = this.#internals.states as CustomStateSet | undefined;
    states?.clear();
    states?.add(this.#state);
    if (this.playing) states?.add('playing');
    if (this.muted) states?.add('muted');
  }

  protected override render(): TemplateResult {
    return playerTemplate(this, {
      title: this.#title,
      statusText: statusText(this.#session.status, en),
      announced: this.#announcer.text,
      onButton: () => this.#controls[this.playing ? 'stop' : 'play'](),
    });
  }

  get #title(): string {
    return this.label || this.#session.title || this.room;
  }

  async #play(trigger: PlayTrigger): Promise<void> {
    if (this.playing) return;
    if (!emit(this, 'conf-play', { trigger }, true)) throw new DOMException('conf-play', 'AbortError');
    this.#open = true;
    await this.#session.play();
  }

  #stop(trigger: StopTrigger): void {
    this.#session.stop();
    this.#stopped(trigger);
  }

  /** Every `conf-play` is followed by one `conf-stop`. */
  #stopped(trigger: StopTrigger): void {
    if (!this.#open) return;
    this.#open = false;
    emit(this, 'conf-stop', { trigger });
  }
}
