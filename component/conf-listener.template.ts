import { html, type TemplateResult } from 'lit';
import { icon, type IconName } from './icons.ts';
import { en } from './i18n/en.ts';
import type { PlayerState } from './status.ts';

/** What the controls read and change. */
export interface Player {
  readonly state: PlayerState;
  readonly playing: boolean;
  muted: boolean;
  /** 0…1. */
  volume: number;
}

/** What else the player shows, and where its button leads. */
export interface PlayerView {
  title: string;
  /** The status line's words. */
  statusText: string;
  /** What is said to assistive technology just now, or ''. */
  announced: string;
  onButton: () => void;
}

/** The player as a bar. Never a `style` attribute: a page's style-src would refuse it. */
export function playerTemplate(player: Player, view: PlayerView): TemplateResult {
  const { state, muted, volume } = player;
  const { title, announced } = view;
  const [picture, action] = button(player);
  const mute = muted ? en.unmute : en.mute;
  const failed = state === 'error';
  return html`
    <div part="bar" class="bar ${state}">
      <slot name="start"></slot>
      <button part="play" class="play" aria-label=${action} title=${action} @click=${view.onButton}>
        ${icon(picture)}
      </button>
      <div class="text">
        <slot name="title"><div part="title" class="title" dir="auto">${title}</div></slot>
        <div part="status" class="status">
          <span part="dot" class="dot"></span><span>${view.statusText}</span>
        </div>
      </div>
      <div part="meter" class="meter" aria-hidden="true">
        <div part="meter-fill" class="fill"></div>
        <div class="peak"></div>
      </div>
      <button part="mute" aria-label=${mute} title=${mute} @click=${() => (player.muted = !muted)}>
        ${icon(muted ? 'muted' : 'sound')}
      </button>
      <input
        part="volume"
        type="range"
        min="0"
        max="1"
        step="0.05"
        aria-label=${en.volume}
        .value=${String(volume)}
        @input=${(event: Event) => {
          if (event.target instanceof HTMLInputElement) player.volume = event.target.valueAsNumber;
          player.muted = false;
        }}
      />
      <slot name="end"></slot>
      <div class="spoken" role="status">${failed ? '' : announced}</div>
      <div class="spoken" role="alert">${failed ? announced : ''}</div>
    </div>
  `;
}

function button({ state, playing }: Player): [IconName, string] {
  if (playing) return ['stop', en.stop];
  if (state === 'ended') return ['again', en.again];
  return state === 'error' ? ['again', en.retry] : ['play', en.listen];
}
