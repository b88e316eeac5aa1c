import { html, nothing, type TemplateResult } from 'lit';
import { TRANSPORTS, type Audience, type Leg, type RoomView } from './console-answers.ts';
import { levelMeter, momentView, problemList, stateMark } from './console-marks.ts';
import {
  SOUND_WORDS,
  STATE_WORDS,
  TRANSPORT_WORDS,
  countWords,
  delayWords,
  spanWords,
  urgencyOf,
} from './console-words.ts';

type Part = TemplateResult | typeof nothing;

/** What a room is and does at this moment, `atMs`. `copy` is handed the call's id. */
export function roomFacts(view: RoomView, atMs: number, copy: (text: string) => void): TemplateResult {
  const { room, title, state, listeners, leg } = view;
  return html`<header>
      <div>
        <h2 id="title-${room}" dir="auto">${title}</h2>
        <p class="soft"><code>${room}</code>${view.isDialled ? nothing : ', fed by a publisher'}</p>
      </div>
      ${stateMark(state)}
    </header>
    <p class="meaning">${meaningOf(view, atMs)}</p>
    ${limitWarning(view)}
    <dl class="facts">
      <div>
        <dt>Listeners</dt>
        <dd>
          <strong>${countWords(listeners.now)}</strong>
          <span class="soft">peak ${countWords(listeners.peak)}</span>
          <span class="soft ways">${waysWords(listeners)}</span>
        </dd>
      </div>
      <div>
        <dt
          title="To a listener and back over the network; how long the sound is held in the player is not in it."
        >
          Network round trip
        </dt>
        <dd>${roundTrip(view)}</dd>
      </div>
    </dl>
    ${leg ? legFacts(leg, copy) : nothing} ${problemList(room, view.problems, atMs)}`;
}

function meaningOf({ state, opensAtMs }: RoomView, atMs: number): unknown {
  if (opensAtMs === null) return STATE_WORDS[state][1];
  return html`Opens at ${momentView(opensAtMs, atMs)}, as its schedule says.`;
}

function waysWords({ byTransport }: Audience): string {
  const used = TRANSPORTS.filter((name) => byTransport[name] > 0);
  return used.map((name) => `${TRANSPORT_WORDS[name]} ${countWords(byTransport[name])}`).join(' · ');
}

function roundTrip({ rttMs }: RoomView): TemplateResult {
  if (!rttMs) return html`<span class="soft">nobody to measure</span>`;
  return html`<strong>${delayWords(rttMs.p50)}</strong> <span class="soft">for half</span>
    <span class="soft ways">95 % are under ${delayWords(rttMs.p95)}</span>`;
}

function legFacts({ legId, ageSec, sound, levelDbfs }: Leg, copy: (text: string) => void): TemplateResult {
  const [name, meaning] = SOUND_WORDS[sound];
  return html`<div class="line-in">
    ${levelMeter(levelDbfs, 'Loudness of the line')}
    <p class="sound"><strong>${name}.</strong> <span class="soft">${meaning}</span></p>
    <p class="soft">
      Connected for
      ${spanWords(ageSec)}${
        legId === null
          ? nothing
          : html`; call <code>${legId}</code>
              <button type="button" class="small" aria-label="Copy the call’s id" @click=${() => copy(legId)}>
                Copy
              </button>`
      }
    </p>
  </div>`;
}

/** The phone platform ends every call after a time; the relay has its successor ready before that, if all goes well. */
function limitWarning(view: RoomView): Part {
  const { endsInSec = null } = view.leg ?? {};
  if (endsInSec === null) return nothing;
  const left = spanWords(endsInSec);
  const urgency = urgencyOf(view);
  switch (urgency) {
    case 'none':
      return html`<p class="soft limit">The phone platform’s time limit ends this call in ${left}.</p>`;
    case 'soon':
      return html`<p class="warning limit">
        <strong>Time limit in ${left}.</strong> The relay is to call again before that.
      </p>`;
    case 'now':
      return html`<p class="warning grave limit">
        <strong>Time limit in ${left}.</strong> No other call has taken over yet: listeners may hear a gap.
      </p>`;
    default:
      return urgency satisfies never;
  }
}
