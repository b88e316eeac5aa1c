import type { LitElement } from 'lit';
import type { Attributes } from '../attributes.ts';
import type { ConfEventMap } from '../events.ts';

/** Attributes that know few words: a template that uses another is mistaken. */
interface Words {
  variant: 'bar' | 'card' | 'button';
  theme: 'auto' | 'light' | 'dark';
  latency: 'low' | 'balanced' | 'smooth';
  exclusive: 'page' | 'browser' | 'none';
}

/** The properties that are the player's own, not those of every element. */
type Own = Pick<Attributes, Exclude<keyof Attributes, keyof LitElement>>;

type Names = Omit<Own, keyof Words> & Words & { 'token-url': string; 'level-events': boolean };

/** What a template may set on a player. */
export type Props = { [Name in keyof Names]?: Names[Name] | undefined };

/** Handlers as React 19 and Svelte 5 name them: `onconf-play`. */
export type Handlers = {
  [Name in keyof ConfEventMap as `on${Name}`]?: ((event: ConfEventMap[Name]) => void) | undefined;
};
