import { LitElement, type PropertyDeclarations } from 'lit';
import type { TicketProvider } from './ticket-source.ts';

/**
 * What a page sets on a player: every attribute, its property and its default, what it may put in, and what it may
 * style. Unknown words mean the default.
 *
 * @attr {string} room - Room to listen to, `[a-z0-9][a-z0-9-]{0,63}`; required
 * @attr {string} relay - Relay's address; by default where this script came from
 * @attr {string} token - Ticket (JWT) for a room that asks for one; never reflected
 * @attr {string} token-url - Address that gives tickets, asked with `?room=` and cookies; answers the JWT or `{"token"}`
 * @attr {string} label - Title shown and spoken; by default the room's own
 * @attr {'bar'|'card'|'button'} variant - Shape: a `bar` (default), a `card` with the meter beneath, or the `button` alone
 * @attr {'auto'|'light'|'dark'} theme - Colours: as the page and the system say (`auto`, default), `light` or `dark`
 * @attr {string} controls - What is shown beside the button and the status, of `mute volume meter count live captions` (all)
 * @attr {boolean} captions - Shows captions, where there are any, until the listener says otherwise
 * @attr {number} volume - Loudness, 0 to 1, heard as even steps; 1 by default, or what the listener last chose
 * @attr {boolean} muted - Silent, but ready to be heard at once
 * @attr {boolean} autoplay - Starts by itself; where the browser refuses, on the first click or key on the page
 * @attr {'low'|'balanced'|'smooth'} latency - Delay against breaks: `low`, `balanced` (default) or `smooth`
 * @attr {'page'|'browser'|'none'} exclusive - Whom it stops when it starts: the `page`'s other players (default), those of all tabs of the `browser`, or `none`
 * @attr {string} lang - Language; by default that of the nearest element that has one, or the browser's
 * @attr {boolean} nostore - Keeps no choice (volume, captions) in localStorage
 * @attr {boolean} nohotkeys - Leaves all keys to the page
 * @attr {boolean} level-events - Sends `conf-level` ten times a second
 * @slot - Shown only where the player cannot run: a link, an audio element
 * @slot title - In place of the title
 * @slot start - Before the button, as a logo
 * @slot end - Behind the controls, as more buttons
 * @slot waiting - In place of the status while the host has not started
 * @slot error - Below the status when something has gone wrong, as whom to ask
 * @slot captions - In place of the captions
 * @csspart bar - The whole player
 * @csspart play - Button to listen and stop
 * @csspart retry - The same button while it offers another try
 * @csspart icon - Picture on a button
 * @csspart title - Title line
 * @csspart status - Status line
 * @csspart notice - What the operator has to say
 * @csspart dot - Mark before the status
 * @csspart tail - Everything behind title and status
 * @csspart live - Button back to the live edge
 * @csspart meter - Level meter
 * @csspart meter-fill - Its moving bar
 * @csspart captions-button - Switch for the captions
 * @csspart captions - The captions
 * @csspart mute - Mute button
 * @csspart volume - Volume slider
 * @cssprop --conf-listener-accent - Button, slider and meter
 * @cssprop --conf-listener-on-accent - Picture on the button
 * @cssprop --conf-listener-background - Behind everything
 * @cssprop --conf-listener-color - Text
 * @cssprop --conf-listener-muted-color - Status line
 * @cssprop --conf-listener-border-color - Border
 * @cssprop --conf-listener-radius - Rounding of the corners, 12px by default
 * @cssprop --conf-listener-size - Height of the bar, 64px by default
 * @cssprop --conf-listener-font - Font family
 * @cssprop --conf-listener-live - Mark of the live states and of errors
 * @cssprop --conf-listener-meter - Level meter
 * @cssprop --conf-listener-focus - Focus outline
 * @cssprop --conf-listener-caption-size - Size of the captions, 1em by default
 * @cssstate idle - Nobody listens
 * @cssstate blocked - The browser wants a click or a key on the page first
 * @cssstate connecting - On the way to the room, or its line to the conference is not up yet
 * @cssstate waiting - The conference has not started
 * @cssstate live - There is sound
 * @cssstate silent - Nobody has spoken for 10 s
 * @cssstate buffering - Has run out of sound; goes on by itself
 * @cssstate reconnecting - The connection is lost; tries again by itself
 * @cssstate ended - The conference is over
 * @cssstate error - Something stands in the way, which the property `error` names
 * @cssstate playing - Listen has been pressed, and nothing has stopped it since; beside one of the above
 * @cssstate muted - Muted
 * @cssstate speaking - Somebody speaks
 * @cssstate behind - The sound is behind what could be heard
 */
export abstract class Attributes extends LitElement {
  static override properties: PropertyDeclarations = {
    room: { reflect: true },
    relay: {},
    token: {},
    tokenUrl: { attribute: 'token-url' },
    tokenProvider: { attribute: false },
    label: {},
    variant: { reflect: true },
    theme: { reflect: true },
    controls: {},
    captions: { type: Boolean },
    volume: { type: Number },
    muted: { type: Boolean },
    autoplay: { type: Boolean },
    latency: {},
    exclusive: {},
    lang: { reflect: true },
    nostore: { type: Boolean },
    nohotkeys: { type: Boolean },
    levelEvents: { attribute: 'level-events', type: Boolean },
  };

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
  /** `bar`, `card` or `button`. */
  declare variant: string;
  /** `auto`, `light` or `dark`. */
  declare theme: string;
  /** Words of `mute volume meter count live captions`; the last two show only where there is something to show. */
  declare controls: string;
  /** Whether captions show before the listener has said anything of them. */
  declare captions: boolean;
  /** Loudness 0…1; other numbers are brought into it. */
  declare volume: number;
  /** Whether it is silent. */
  declare muted: boolean;
  /** Whether it starts by itself, read when the element first shows. */
  declare autoplay: boolean;
  /** `low`, `balanced` or `smooth`; used at the next connection. */
  declare latency: string;
  /** `page`, `browser` or `none`; read at Listen. */
  declare exclusive: string;
  /** Whether the listener's choices are forgotten with the page. */
  declare nostore: boolean;
  /** Whether keys do nothing but move the focus and press what has it. */
  declare nohotkeys: boolean;
  /** Whether `conf-level` is sent; read at Listen. */
  declare levelEvents: boolean;

  constructor() {
    super();
    this.room = this.relay = this.token = this.tokenUrl = this.label = '';
    this.variant = 'bar';
    this.theme = 'auto';
    this.controls = 'mute volume meter count live captions';
    this.volume = 1;
    this.latency = 'balanced';
    this.exclusive = 'page';
    this.captions = this.muted = this.autoplay = this.nostore = this.nohotkeys = this.levelEvents = false;
  }
}
