import type { ReactiveController, TemplateResult } from 'lit';
import { Announcer } from './announcer.ts';
import type { Attributes } from './attributes.ts';
import type { Caption } from './caption-lines.ts';
import { playerTemplate } from './conf-listener.template.ts';
import { Controls, type ControlsHost } from './controls.ts';
import { Localizer } from './i18n/localizer.ts';
import { counted, statusText } from './i18n/strings.ts';
import type { Player } from './player.ts';
import { titleOf } from './title.ts';
import { isPlaying, stateOf, type PlayerState } from './status.ts';

/** The element that wears a face. */
export type FaceHost = Attributes & ControlsHost;

/** What a player looks like and says, to eyes, to assistive technology and to style sheets. */
export class Face implements ReactiveController {
  readonly #host: FaceHost;
  readonly #player: Player;
  readonly #internals: ElementInternals;
  readonly #announcer: Announcer;
  readonly #localizer: Localizer;
  readonly #controls: Controls;

  /** Belongs to `host`, whose `internals` carry role, name and custom states. */
  constructor(host: FaceHost, player: Player, internals: ElementInternals) {
    this.#host = host;
    this.#player = player;
    this.#internals = internals;
    this.#announcer = new Announcer(host);
    this.#localizer = new Localizer(host);
    this.#controls = new Controls(host);
    internals.role = 'group';
    host.addController(this);
  }

  /** The status line's words. */
  get statusText(): string {
    const { status, hearing, meta } = this.#player;
    return statusText(status, this.#localizer.language, hearing.behindSec, meta.opensAt);
  }

  /** A new state: it is announced. */
  show(state: PlayerState): void {
    this.#announcer.tell(state, this.statusText, this.#localizer.language.strings.liveAgain);
  }

  /** Its sound is heard now. */
  showCaption(caption: Caption): void {
    this.#controls.captions.show(caption);
  }

  /** The whole picture. */
  render(): TemplateResult {
    return playerTemplate(this.#host, this.#controls, {
      state: stateOf(this.#player.status),
      playing: isPlaying(this.#player.status),
      title: titleOf(this.#host, this.#player.meta),
      language: this.#localizer.language,
      statusText: this.statusText,
      count: this.#count,
      notice: this.#player.meta.notice,
      announced: this.#announcer.text,
      isBehind: this.#player.hearing.behindSec > 0,
    });
  }

  /** How many listen, while that goes with the state; never announced. */
  get #count(): string {
    const { status, meta, hearing } = this.#player;
    const counts = stateOf(status) === 'live' && hearing.behindSec === 0 && meta.listeners;
    return counts ? ` · ${counted(this.#localizer.language, 'listening', counts)}` : '';
  }

  /** Name and custom states follow the picture. */
  hostUpdated(): void {
    const meter = this.#host.renderRoot.querySelector('.meter');
    if (meter) this.#player.showLevel(meter);
    const { status, hearing } = this.#player;
    const { strings } = this.#localizer.language;
    this.#internals.ariaLabel = strings.player.replace('{title}', titleOf(this.#host, this.#player.meta));
    const flags = {
      playing: isPlaying(status),
      muted: this.#host.muted,
      speaking: hearing.speaking,
      behind: hearing.behindSec > 0,
    };
    // Missing before Chromium 125, Firefox 126 and Safari 17.4.
    const states = this.#internals.states as CustomStateSet | undefined;
    states?.clear();
    states?.add(stateOf(status));
    for (const [name, holds] of Object.entries(flags)) if (holds) states?.add(name);
  }
}
