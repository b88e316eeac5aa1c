import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { CaptionLines } from './caption-lines.ts';
import { pressKey, type Keys } from './hotkeys.ts';
import { keepPreferences, readPreferences, type Preferences } from './preferences.ts';

/** What the controls read and change. */
export interface ControlsHost extends ReactiveControllerHost {
  /** 0…1. */
  volume: number;
  muted: boolean;
  /** Whether captions show before the listener has said anything of them. */
  readonly captions: boolean;
  readonly nostore: boolean;
  readonly nohotkeys: boolean;
  /** Its button was pressed. */
  onButton(): void;
  goLive(): void;
}

/** What a listener can switch on and off. */
export type Switch = 'captions' | 'largerText' | 'moreContrast';

const VOLUME_STEP = 0.05;

/** What listeners do with a player besides Listen: volume, captions, keys. Remembers what they have chosen. */
export class Controls implements ReactiveController {
  readonly captions: CaptionLines;
  readonly #host: ControlsHost;
  #chosen: Preferences | undefined;
  readonly #keys: Keys = {
    k: () => this.#host.onButton(),
    l: () => this.#host.goLive(),
    m: () => this.mute(),
    c: () => this.turn('captions'),
    arrowup: () => this.setVolume(this.#host.volume + VOLUME_STEP),
    arrowdown: () => this.setVolume(this.#host.volume - VOLUME_STEP),
  };

  /** Belongs to `host`. */
  constructor(host: ControlsHost) {
    this.#host = host;
    this.captions = new CaptionLines(host);
    host.addController(this);
  }

  /** What the listener has chosen, here or on another page, or else the page. */
  get chosen(): Preferences {
    return { captions: this.#host.captions, ...this.#chosen };
  }

  /** Takes up the listener's volume, once: what the page sets later counts. */
  hostConnected(): void {
    if (this.#chosen) return;
    this.#chosen = this.#host.nostore ? {} : readPreferences();
    this.#host.volume = this.#chosen.volume ?? this.#host.volume;
  }

  /** Mutes, or unmutes; not remembered: who comes back wants to hear. */
  mute(): void {
    this.#host.muted = !this.#host.muted;
  }

  /** The listener wants this volume; unmutes. */
  setVolume(volume: number): void {
    this.#host.muted = false;
    this.#host.volume = Math.min(1, Math.max(0, volume));
    this.#keep({ volume: this.#host.volume });
  }

  /** Turns a switch over. */
  turn(name: Switch): void {
    this.#keep({ [name]: !this.chosen[name] });
    this.#host.requestUpdate();
  }

  /** A key was pressed in the player. */
  onKey(event: KeyboardEvent): void {
    if (!this.#host.nohotkeys) pressKey(event, this.#keys);
  }

  #keep(chosen: Preferences): void {
    this.#chosen = { ...this.#chosen, ...chosen };
    if (!this.#host.nostore) keepPreferences(chosen);
  }
}
