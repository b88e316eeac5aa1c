import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ConfListener } from '../define.ts';
import type { Handlers, Props } from './props.ts';

export * from '../define.ts';

type Player = DetailedHTMLProps<HTMLAttributes<ConfListener>, ConfListener> & Props & Handlers;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'conf-listener': Player;
    }
  }
}
