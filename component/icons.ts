import { html, type TemplateResult } from 'lit';

const PATHS = {
  play: 'M8 5v14l11-7z',
  stop: 'M7 7h10v10H7z',
  again: 'M12 5V1L7 6l5 5V7a6 6 0 1 1-6 6H4a8 8 0 1 0 8-8z',
  sound:
    'M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4zM14 3.2v2.1a7 7 0 0 1 0 13.4v2.1a9 9 0 0 0 0-17.6z',
  muted:
    'M3 9v6h4l5 5V4L7 9zm18.5-.1L20.1 7.5 17.5 10l-2.6-2.5-1.4 1.4L16.1 11.5l-2.6 2.6 1.4 1.4 2.6-2.6 2.6 2.6 1.4-1.4-2.6-2.6z',
  captions: 'M4 5h16v14H4zm2 2v10h12V7zm1.5 3h4v1.6H9.1v.8h2.4V14h-4zm5 0h4v1.6h-2.4v.8h2.4V14h-4z',
  larger: 'M2 18 7 6h2l5 12h-2.2l-1.1-3H5.3l-1.1 3zm4-5h4L8 8zm11-3V7h2v3h3v2h-3v3h-2v-3h-3v-2z',
  contrast: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2v14a7 7 0 0 1 0-14z',
} as const;

/** Name of a picture on a button. */
export type IconName = keyof typeof PATHS;

/** A picture in the colour of the text around it; it has no name of its own. */
export function icon(name: IconName): TemplateResult {
  return html`<svg part="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}
