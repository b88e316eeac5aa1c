import { unsafeCSS } from 'lit';

/** What changes with the shape, where there is little room, less motion is wanted, or the system sets the colours. */
export const modes = unsafeCSS(`
  .card {
    padding-block: 8px;
  }
  .card .notice {
    white-space: normal;
  }
  .card .tail {
    flex: 1 1 100%;
  }
  .card .meter {
    flex: 1 1 100%;
    order: -1;
    inline-size: auto;
    block-size: 12px;
  }
  .card input {
    flex: 1;
    max-inline-size: 12em;
  }
  .button {
    display: block;
    min-block-size: 0;
    padding: 0;
    border: 0;
    background: none;
  }
  .button :is(.text, .tail, .below) {
    display: none;
  }
  .button:is(.connecting, .buffering, .reconnecting) button {
    border: 4px dotted;
  }
  @container (inline-size < 560px) {
    .bar:not(.live, .silent, .buffering) .meter,
    .bar:has(.live-button, .captions, .notice) .meter {
      display: none;
    }
  }
  @container (inline-size < 420px) {
    .bar :is(input, .count) {
      display: none;
    }
    .bar .meter {
      inline-size: 32px;
    }
  }
  @container (inline-size < 300px) {
    .bar .meter {
      display: none;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .connecting .dot,
    .buffering .dot,
    .reconnecting .dot {
      border-style: solid solid solid none;
      animation: turn 1s linear infinite;
    }
    .blocked [part~='play'] {
      animation: pulse 1.5s ease-in-out infinite alternate;
    }
  }
  @media (forced-colors: active) {
    [part~='play'] {
      border: 2px solid;
    }
    .meter {
      border: 1px solid;
    }
    .fill {
      background: Highlight;
      forced-color-adjust: none;
    }
    :focus-visible {
      outline-color: Highlight;
    }
  }
`);
