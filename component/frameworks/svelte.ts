import type { HTMLAttributes } from 'svelte/elements';
import type { ConfListener } from '../define.ts';
import type { ConfEventMap } from '../events.ts';
import type { Handlers, Props } from './props.ts';

export * from '../define.ts';

/** Handlers as Svelte 4 names them. */
type Directives = {
  [Name in keyof ConfEventMap as `on:${Name}`]?: ((event: ConfEventMap[Name]) => void) | undefined;
};

type Player = HTMLAttributes<ConfListener> & Props & Handlers & Directives;

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'conf-listener': Player;
  }
}
