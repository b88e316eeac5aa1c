// What Vue's templates check a tag against after `import 'conf-listener/vue'`: `@conf-caption` is `onConfCaption`.
import type { GlobalComponents } from 'vue';
import type { ConfListener } from 'conf-listener/vue';

type Tag = InstanceType<GlobalComponents['conf-listener']>['$props'];

export const right: Tag = {
  room: 'allhands',
  variant: 'card',
  class: 'player',
  id: 'player',
  volume: 0.5,
  tokenUrl: '/ticket',
  onConfCaption: ({ detail }) => detail.text.length,
  onConfPlay: (event) => event.preventDefault(),
};

export const wrong: Tag[] = [
  // @ts-expect-error -- there is no such shape
  { room: 'allhands', variant: 'round' },
  // @ts-expect-error -- there is no such attribute
  { rooms: 'allhands' },
  // @ts-expect-error -- a caption has no volume
  { room: 'allhands', onConfCaption: ({ detail }) => detail.volume },
];

export type Player = ConfListener;
