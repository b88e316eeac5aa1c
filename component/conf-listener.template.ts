import { html, nothing, type TemplateResult } from 'lit';
import type { Attributes } from './attributes.ts';
import type { Controls, ControlsHost } from './controls.ts';
import { icon, type IconName } from './icons.ts';
import type { Language, Strings } from './i18n/strings.ts';
import type { PlayerState } from './status.ts';

/** What the player shows besides its attributes. */
export interface View {
  state: PlayerState;
  playing: boolean;
  title: string;
  language: Language;
  /** The status line's words. */
  statusText: string;
  /** How many listen, behind the state; or ''. */
  count: string;
  /** What the operator has to say, or ''. */
  notice: string;
  /** What is said to assistive technology just now, or ''. */
  announced: string;
  /** Whether the sound is far enough behind to offer the way back. */
  isBehind: boolean;
}

/** The player. Never a `style` attribute: a page's style-src would refuse it. */
export function playerTemplate(
  player: Attributes & ControlsHost,
  controls: Controls,
  view: View,
): TemplateResult {
  const { variant, muted, volume } = player;
  const shape = variant === 'card' || variant === 'button' ? variant : 'bar';
  const { state, title, announced, statusText, notice } = view;
  const { strings, tag } = view.language;
  const [picture, action, parts] = button(view);
  const failed = state === 'error';
  const shows = (control: string): boolean => player.controls.split(' ').includes(control);
  const captions = controls.captions.known && shows('captions');
  return html`
    <div
      part="bar"
      class="player ${shape} ${state}"
      lang=${tag}
      @keydown=${(event: KeyboardEvent) => controls.onKey(event)}
    >
      <slot name="start"></slot>
      ${press(parts, picture, shape === 'button' ? `${action} (${statusText})` : action, 'K', () => player.onButton())}
      <div class="text">
        <slot name="title"><div part="title" class="title" dir="auto">${title}</div></slot>
        <div part="status" class="status">
          <span part="dot" class="dot"></span>
          <span>
            ${state === 'waiting' ? html`<slot name="waiting">${statusText}</slot>` : statusText}<span
              class="count"
              ?hidden=${!shows('count')}
              >${view.count}</span
            ></span
          >
        </div>
        ${
          // In a bar it is one line, which may not show the whole of it.
          notice &&
          html`<div part="notice" class="notice" role="status" dir="auto" title=${notice}>${notice}</div>`
        }
        ${failed ? html`<slot name="error"></slot>` : nothing}
      </div>
      <div part="tail" class="tail">
        ${
          view.isBehind && shows('live')
            ? html`<button
                part="live"
                class="live-button"
                aria-keyshortcuts="L"
                @click=${({ target }: Event) => {
                  player.goLive();
                  // The button goes; who works by keyboard must not be lost with it.
                  if (target instanceof Element) target.closest('.player')?.querySelector('button')?.focus();
                }}
              >
                ${strings.goLive}
              </button>`
            : nothing
        }
        <div part="meter" class="meter" aria-hidden="true" ?hidden=${!shows('meter')}>
          <div part="meter-fill" class="fill"></div>
          <div class="peak"></div>
        </div>
        ${
          captions
            ? press(
                'captions-button',
                'captions',
                strings.captions,
                'C',
                () => controls.turn('captions'),
                !!controls.chosen.captions,
              )
            : nothing
        }
        ${
          shows('mute')
            ? press('mute', muted ? 'muted' : 'sound', muted ? strings.unmute : strings.mute, 'M', () =>
                controls.mute(),
              )
            : nothing
        }
        <input
          part="volume"
          type="range"
          min="0"
          max="1"
          step="0.05"
          aria-label=${strings.volume}
          aria-valuetext="${Math.round(volume * 100)}%"
          ?hidden=${!shows('volume')}
          .value=${String(volume)}
          @input=${({ target }: Event) => target instanceof HTMLInputElement && controls.setVolume(target.valueAsNumber)}
        />
        <slot name="end"></slot>
      </div>
      ${captions && controls.chosen.captions ? captionsTemplate(controls, strings) : nothing}
      <div class="spoken" role="status">${failed ? '' : announced}</div>
      <div class="spoken" role="alert">${failed ? announced : ''}</div>
    </div>
  `;
}

/** Not a live region: who listens with a screen reader hears the words themselves. */
function captionsTemplate(controls: Controls, strings: Strings): TemplateResult {
  const { largerText = false, moreContrast = false } = controls.chosen;
  return html`<div class="below ${largerText ? 'larger' : ''} ${moreContrast ? 'contrast' : ''}">
    <slot name="captions">
      <div part="captions" class="lines" role="group" aria-label=${strings.captions}>
        <div>
          ${controls.captions.lines.map(
            ({ text, lang, speaker }) =>
              html`<p lang=${lang ?? nothing} dir="auto">
                ${speaker ? html`<b>${speaker}: </b>` : nothing}${text}
              </p>`,
          )}
        </div>
      </div>
    </slot>
    ${press('', 'larger', strings.largerText, '', () => controls.turn('largerText'), largerText)}
    ${press('', 'contrast', strings.moreContrast, '', () => controls.turn('moreContrast'), moreContrast)}
  </div>`;
}

function press(
  part: string,
  picture: IconName,
  label: string,
  shortcut: string,
  act: () => void,
  pressed?: boolean,
): TemplateResult {
  return html`<button
    part=${part}
    class=${picture}
    aria-label=${label}
    title=${label}
    aria-keyshortcuts=${shortcut || nothing}
    aria-pressed=${pressed ?? nothing}
    @click=${act}
  >
    ${icon(picture)}
  </button>`;
}

function button({ state, playing, language: { strings } }: View): [IconName, string, string] {
  if (playing) return ['stop', strings.stop, 'play'];
  if (state === 'ended') return ['again', strings.again, 'play'];
  return state === 'error' ? ['again', strings.retry, 'play retry'] : ['play', strings.listen, 'play'];
}
