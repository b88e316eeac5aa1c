// What Svelte's templates check a tag against after `import 'conf-listener/svelte'`.
import type { SvelteHTMLElements } from 'svelte/elements';
import type { ConfListener } from 'conf-listener/svelte';

type Tag = SvelteHTMLElements['conf-listener'];

export const right: Tag = {
  room: 'allhands',
  variant: 'card',
  class: 'player',
  volume: 0.5,
  'token-url': '/ticket',
  'onconf-caption': ({ detail }) => detail.text.length,
  'on:conf-play': (event) => event.preventDefault(),
};

export const wrong: Tag[] = [
  // @ts-expect-error -- there is no such shape
  { room: 'allhands', variant: 'round' },
  // @ts-expect-error -- there is no such attribute
  { rooms: 'allhands' },
  // @ts-expect-error -- a caption has no volume
  { room: 'allhands', 'onconf-caption': ({ detail }) => detail.volume },
];

export type Player = ConfListener;
