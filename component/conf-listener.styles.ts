import { unsafeCSS } from 'lit';

/**
 * How the element looks. Its sheets are adopted, so a page's style-src has nothing to say. A constant text
 * needs none of the checks that Lit's `css` brings along.
 */
export const looks = unsafeCSS(`
  :host {
    --_accent: var(--conf-listener-accent, light-dark(#0b5cad, #7cb7ff));
    --_live: var(--conf-listener-live, light-dark(#c4242f, #ff7b72));
    display: block;
    max-inline-size: 100%;
    contain: layout style;
    container-type: inline-size;
    color-scheme: light dark;
    color: var(--conf-listener-color, light-dark(#1b1f24, #f0f3f6));
    font: 1rem/1.25 var(--conf-listener-font, system-ui, sans-serif);
    text-align: start;
    text-indent: 0;
    text-shadow: none;
    text-transform: none;
    letter-spacing: 0;
    word-spacing: 0;
    word-break: normal;
    white-space: normal;
    -webkit-text-fill-color: currentColor;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([variant='button']) {
    display: inline-block;
    vertical-align: middle;
    container-type: normal;
  }
  .player {
    box-sizing: border-box;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    min-block-size: var(--conf-listener-size, 64px);
    padding: 3px 10px;
    border: 1px solid var(--conf-listener-border-color, light-dark(#8b949e, #6e7781));
    border-radius: var(--conf-listener-radius, 12px);
    background: var(--conf-listener-background, light-dark(#fff, #1b1f24));
  }
  button {
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 44px;
    block-size: 44px;
    margin: 0;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: none;
    color: inherit;
    cursor: pointer;
  }
  [part~='play'] {
    background: var(--_accent);
    color: var(--conf-listener-on-accent, light-dark(#fff, #06213d));
  }
  .live-button {
    inline-size: auto;
    padding-inline: 14px;
    border: 1px solid;
    border-radius: 22px;
    font: inherit;
    font-size: 0.875em;
    color: var(--_accent);
  }
  [aria-pressed='true'] {
    border-block-end: 3px solid;
    border-radius: 0;
    color: var(--_accent);
  }
  button:hover {
    box-shadow: inset 0 0 0 2px currentColor;
  }
  :focus-visible {
    outline: 3px solid var(--conf-listener-focus, var(--_accent));
    outline-offset: 2px;
  }
  svg {
    inline-size: 24px;
    block-size: 24px;
    fill: currentColor;
  }
  .text {
    flex: 1 1 8em;
    min-inline-size: 0;
  }
  .tail,
  .below {
    display: flex;
    align-items: center;
    gap: 12px;
  }
  .tail {
    flex-wrap: wrap;
    justify-content: end;
    margin-inline-start: auto;
  }
  .below {
    flex: 1 1 100%;
    gap: 0;
    border-block-start: 1px solid light-dark(#dfe3e8, #373e47);
    padding-block: 8px 5px;
  }
  .below ::slotted(*) {
    flex: 1;
  }
  .lines {
    flex: 1;
    display: flex;
    flex-direction: column;
    justify-content: end;
    block-size: 2.6em;
    padding-inline: 8px;
    overflow: hidden;
    border-radius: 6px;
    font-size: var(--conf-listener-caption-size, 1em);
    line-height: 1.3;
  }
  .larger .lines {
    font-size: calc(1.5 * var(--conf-listener-caption-size, 1em));
  }
  .contrast .lines {
    background: #000;
    color: #fff;
  }
  p {
    margin: 0;
  }
  .title {
    font-weight: 600;
  }
  .notice {
    font-size: 0.875em;
  }
  .title,
  .notice {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .status {
    display: flex;
    align-items: baseline;
    gap: 8px;
    font-size: 0.875em;
    color: var(--conf-listener-muted-color, light-dark(#57606a, #a5b0bb));
  }
  .dot {
    flex: none;
    box-sizing: border-box;
    inline-size: 8px;
    block-size: 8px;
    border: 2px solid;
    border-radius: 50%;
  }
  /* Full by its border, which stays where the system sets the colours. */
  .live .dot,
  .silent .dot,
  .error .dot {
    border-width: 4px;
    color: var(--_live);
  }
  .error .dot {
    border-radius: 0;
  }
  .error .status {
    color: var(--_live);
  }
  .bar.error :is(.meter, input, [part='mute']) {
    display: none;
  }
  .connecting .dot,
  .buffering .dot,
  .reconnecting .dot {
    align-self: center;
    inline-size: 14px;
    block-size: 14px;
    margin-inline: -3px;
    border-style: dotted;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @keyframes pulse {
    to {
      box-shadow: 0 0 0 6px color-mix(in srgb, var(--_accent) 30%, transparent);
    }
  }
  .meter {
    flex: none;
    position: relative;
    inline-size: 72px;
    block-size: 8px;
    border-radius: 4px;
    overflow: hidden;
    background: light-dark(#dfe3e8, #373e47);
  }
  .fill {
    block-size: 100%;
    background: var(--conf-listener-meter, var(--_accent));
    transform: scaleX(0);
    transform-origin: left;
  }
  .peak {
    position: absolute;
    inset: 0;
    border-left: 2px solid;
    transform: translateX(-100%);
  }
  :is(.meter, .sound, .muted):dir(rtl) {
    scale: -1 1;
  }
  input {
    flex: none;
    inline-size: 88px;
    block-size: 24px;
    margin: 0;
    accent-color: var(--_accent);
    cursor: pointer;
  }
  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`);
