import { SPAN_MS } from './history.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * A picture of the last minute, as wide as there is room: one unit is one pixel, now is at the right. Shapes are set by
 * attributes and coloured by the page's sheet, so a strict policy has nothing to say.
 */
export class Plot {
  width = 240;
  height;
  #svg;

  /** Draws into `svg`, whose `height` attribute is in pixels; `onResize` is called when there is another width. */
  constructor(svg, onResize) {
    this.#svg = svg;
    this.height = Number(svg.getAttribute('height'));
    svg.setAttribute('role', 'img');
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width === this.width || width === 0) return;
      this.width = width;
      onResize();
    }).observe(svg);
  }

  /** Where a moment lies, given which one is now. */
  xOf(atMs, nowMs) {
    return Math.max(0, this.width * (1 - (nowMs - atMs) / SPAN_MS));
  }

  /** Shows these shapes and says in words what they show. */
  show(label, shapes) {
    this.#svg.setAttribute('viewBox', `0 0 ${this.width} ${this.height}`);
    this.#svg.replaceChildren(...shapes);
    if (this.#svg.getAttribute('aria-label') !== label) this.#svg.setAttribute('aria-label', label);
  }
}

/** A shape of SVG. */
export function shape(name, attributes, text = '') {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}
