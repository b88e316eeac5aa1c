import { unsafeCSS } from 'lit';

/** What changes with the shape, where there is little room, less motion is wanted, or the system sets the colours. */
export const modes = unsafeCSS(`
  .card .text {
    flex-basis: calc(100% - 56px);
  }
  .card .tail {
    flex: 1 1 100%;
    flex-wrap: wrap;
    justify-content: end;
  }
  .card .meter {
    flex: 1 1 100%;
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
  .button :is(.tail, .below) {
    display: none;
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
      border-style: solid;
      border-inline-start-color: transparent;
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
    .live .dot,
    .silent .dot,
    .error .dot {
      background: CanvasText;
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
