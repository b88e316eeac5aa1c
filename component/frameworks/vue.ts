import type { HTMLAttributes } from 'vue';
import type { ConfEventMap } from '../events.ts';
import type { Props } from './props.ts';

export * from '../define.ts';

/** `@conf-play` as Vue's compiler names its handler: `onConfPlay`. */
type Listener<Name> = Name extends `conf-${infer Rest}` ? `onConf${Capitalize<Rest>}` : never;

type Handlers = {
  [Name in keyof ConfEventMap as Listener<Name>]?: ((event: ConfEventMap[Name]) => void) | undefined;
};

declare module 'vue' {
  interface GlobalComponents {
    'conf-listener': new () => { $props: HTMLAttributes & Props & Handlers };
  }
}
