import type { PropertyValues, TemplateResult } from 'lit';
import { Attributes } from './attributes.ts';
import type { Caption } from './caption-lines.ts';
import { modes } from './conf-listener.modes.styles.ts';
import { looks } from './conf-listener.styles.ts';
import type { ControlsHost } from './controls.ts';
import { emit, type PlayTrigger, type StopTrigger } from './events.ts';
import { Face } from './face.ts';
import { registerStrings } from './i18n/localizer.ts';
import type { Strings } from './i18n/strings.ts';
import type { PlayerError } from './player-error.ts';
import { Player, type PlayerHost } from './player.ts';
import { helpUrl } from './relay-url.ts';
import type { FrameLevel, RoomMeta, SessionStats } from './session-parts.ts';
import { isPlaying, stateOf, type PlayerState, type Status } from './status.ts';
import { VERSION } from './version.ts';

/** At the top: a classic script knows its own address only while it runs. */
const SCRIPT_URL = import.meta.url;

/**
 * A player for the live sound of one conference room.
 *
 * Loads nothing and connects to nothing before Listen. Works under `script-src R; connect-src R wss:R` alone, R being
 * the relay: no inline styles, images, fonts, workers or eval. Has exactly one custom state at a time, the `state`
 * (`conf-listener:state(live)`), and `playing`, `muted`, `speaking` and `behind` besides.
 *
 * @tag conf-listener
 * @fires {CustomEvent} conf-statechange - `{state, previous, error}`; the one event most pages need
 * @fires {CustomEvent} conf-play - `{trigger}`; before listening starts, cancelable
 * @fires {CustomEvent} conf-stop - `{trigger}`; listening has ended
 * @fires {CustomEvent} conf-error - `{kind, code, message, retryable, docs}`
 * @fires {CustomEvent} conf-volumechange - `{volume, muted}`
 * @fires {CustomEvent} conf-meta - `{title, listeners, startedAt, opensAt, notice}`
 * @fires {CustomEvent} conf-notice - `{text}`; what the operator has to say, '' when that is over
 * @fires {CustomEvent} conf-caption - `{id, text, final, speaker, lang}`, when its sound is heard
 * @fires {CustomEvent} conf-stats - The figures of `getStats()`, every 10 s while connected
 * @fires {CustomEvent} conf-level - `{rms, peak}` in dBFS, ten times a second with `level-events`
 */
export class ConfListener extends Attributes implements PlayerHost, ControlsHost {
  static override styles = [looks, modes];
  /** Version of this element. */
  static readonly version = VERSION;

  /** Makes the element known as `tag`; does nothing where that name is taken, be it by another version. */
  static define(tag = 'conf-listener'): void {
    // A class can have one name only.
    const own = tag === 'conf-listener' ? this : class extends this {};
    if (!customElements.get(tag)) customElements.define(tag, own);
  }

  /** Makes a language known to all players; `tag` is a BCP 47 one. The scripts `lang/*.js` call it. */
  static registerStrings(tag: string, strings: Strings): void {
    registerStrings(tag, strings);
  }

  readonly #player = new Player(this, SCRIPT_URL);
  readonly #face = new Face(this, this.#player, this.attachInternals());
  #state: PlayerState = 'idle';
  #error: PlayerError | null = null;
  #open = false;

  /** What the player is doing. */
  get state(): PlayerState {
    return this.#state;
  }

  /** Why it is in the state `error`; null in every other. */
  get error(): PlayerError | null {
    return this.#error;
  }

  /** Whether Listen has been pressed and nothing has stopped it since. */
  get playing(): boolean {
    return isPlaying(this.#player.status);
  }

  /** Whether what is heard is live: there is sound, and it is not behind. */
  get live(): boolean {
    return (this.#state === 'live' || this.#state === 'silent') && this.#player.hearing.behindSec === 0;
  }

  /** How far the sound lies behind the earliest it could have been heard, ms; 0 while not listening. */
  get behindMs(): number {
    return this.stats?.behindMs ?? 0;
  }

  /** Loudness of what is heard right now, dBFS; null while nothing sounds. */
  get level(): { rms: number; peak: number } | null {
    const { heard } = this.#player;
    return heard ? { rms: heard.rmsDb, peak: heard.peakDb } : null;
  }

  /** What the relay has told of the room. */
  get meta(): RoomMeta {
    return this.#player.meta;
  }

  /** Figures of the current session, as {@link getStats}. */
  get stats(): SessionStats | undefined {
    return this.getStats();
  }

  /**
   * Starts to listen. Rejects with NotAllowedError where the browser wants a gesture first (state `blocked`; it then
   * starts with the next gesture on the page) and with AbortError where a `conf-play` handler forbids it.
   */
  async play(): Promise<void> {
    await this.#play('script');
    if (this.#state === 'blocked') throw new DOMException(this.#face.statusText, 'NotAllowedError');
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

  /** Leaves out what the sound has fallen behind by: plays on at the live edge. */
  goLive(): void {
    this.#player.goLive();
  }

  /** Figures of the current session, counts and ms; undefined while not listening. */
  getStats(): SessionStats | undefined {
    return this.#player.stats;
  }

  /** @internal Called by the player. */
  onStatus(status: Status): void {
    const previous = this.#state;
    const state = stateOf(status);
    if (state === previous) return;
    this.#state = state;
    this.#error =
      status.phase === 'error'
        ? { ...status.error, docs: helpUrl(this.relay, SCRIPT_URL, status.error.code) }
        : null;
    this.#face.show(state);
    emit(this, 'conf-statechange', { state, previous, error: this.#error });
    if (this.#error) {
      const { kind, code, message, docs } = this.#error;
      // What only the page's author can mend.
      if (kind === 'config' || code === 'script') console.error(`<conf-listener>: ${message} ${docs}`);
      emit(this, 'conf-error', this.#error);
    }
    if (state === 'ended' || state === 'error') this.#stopped(state);
  }

  /** @internal Called by the player. */
  onMeta(meta: RoomMeta, before: RoomMeta): void {
    emit(this, 'conf-meta', meta);
    if (meta.notice !== before.notice) emit(this, 'conf-notice', { text: meta.notice });
  }

  /** @internal Called by the player. */
  onCaption(caption: Caption): void {
    this.#face.showCaption(caption);
    emit(this, 'conf-caption', caption);
  }

  /** @internal Called by the player. */
  onStats(stats: SessionStats): void {
    emit(this, 'conf-stats', stats);
  }

  /** @internal Called by the player. */
  onLevel({ rmsDb, peakDb }: FrameLevel): void {
    emit(this, 'conf-level', { rms: rmsDb, peak: peakDb });
  }

  /** @internal Called by the player. */
  onRemoved(): void {
    this.#stop('removed');
  }

  /** @internal Called by the controls. */
  onButton(): void {
    if (this.playing) this.#stop('user');
    // Whoever forbids it in `conf-play` knows; there is nobody else to tell.
    else this.#play('user').catch(() => {});
  }

  /** @internal Called by the system's own controls. */
  onSystemPlay(): void {
    this.#play('mediasession').catch(() => {});
  }

  /** @internal Called by the system's own controls. */
  onSystemStop(): void {
    this.#stop('mediasession');
  }

  /** @internal Called when another player starts. */
  onOutplayed(): void {
    this.#stop('exclusive');
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.volume = Math.min(1, Math.max(0, this.volume || 0));
    const sounds = changed.has('volume') || changed.has('muted');
    if (sounds) this.#player.applyVolume();
    // The first update brings the attributes; later ones a change of mind.
    if (!this.hasUpdated) return;
    if (sounds) emit(this, 'conf-volumechange', { volume: this.volume, muted: this.muted });
    if (changed.has('room') || changed.has('relay')) this.#player.rejoin();
    else if (changed.has('token')) this.#player.takeToken();
  }

  protected override firstUpdated(): void {
    // What stands in for the player must not sound beside it.
    for (const audio of this.querySelectorAll('audio')) audio.pause();
    if (this.autoplay) this.#play('autoplay').catch(() => {});
  }

  protected override render(): TemplateResult {
    return this.#face.render();
  }

  async #play(trigger: PlayTrigger): Promise<void> {
    if (this.playing) return;
    if (!emit(this, 'conf-play', { trigger }, true)) throw new DOMException('conf-play', 'AbortError');
    this.#open = true;
    await this.#player.play();
  }

  #stop(trigger: StopTrigger): void {
    this.#player.stop();
    this.#stopped(trigger);
  }

  /** Every `conf-play` is followed by one `conf-stop`. */
  #stopped(trigger: StopTrigger): void {
    if (!this.#open) return;
    this.#open = false;
    emit(this, 'conf-stop', { trigger });
  }
}
