import { html, type TemplateResult } from 'lit';
import { icon, type IconName } from './icons.ts';
import type { Strings } from './i18n/strings.ts';
import type { PlayerState } from './status.ts';

/** Everything the player shows, and where its controls lead. */
export interface PlayerView {
  state: PlayerState;
  playing: boolean;
  title: string;
  /** The status line's words. */
  statusText: string;
  /** What is said to assistive technology just now, or ''. */
  announced: string;
  muted: boolean;
  /** 0…1. */
  volume: number;
  strings: Strings;
  onButton: () => void;
  onMute: () => void;
  onVolume: (volume: number) => void;
}

/** The player as a bar. Never a `style` attribute: a page's style-src would refuse it. facts/embedding.md §3.4, §5.1. */
export function playerTemplate(view: PlayerView): TemplateResult {
  const { state, title, announced, muted, strings } = view;
  const [picture, action] = button(view);
  const mute = muted ? strings.unmute : strings.mute;
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
      <button part="mute" aria-label=${mute} title=${mute} @click=${view.onMute}>
        ${icon(muted ? 'muted' : 'sound')}
      </button>
      <input
        part="volume"
        type="range"
        min="0"
        max="1"
        step="0.05"
        aria-label=${strings.volume}
        .value=${String(view.volume)}
        @input=${(event: Event) => {
          if (event.target instanceof HTMLInputElement) view.onVolume(event.target.valueAsNumber);
        }}
      />
      <slot name="end"></slot>
      <div class="spoken" role="status">${failed ? '' : announced}</div>
      <div class="spoken" role="alert">${failed ? announced : ''}</div>
    </div>
  `;
}

function button({ state, playing, strings }: PlayerView): [IconName, string] {
  if (playing) return ['stop', strings.stop];
  if (state === 'ended') return ['again', strings.again];
  return state === 'error' ? ['again', strings.retry] : ['play', strings.listen];
}
