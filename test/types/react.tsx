// What React's JSX sees after `import 'conf-listener/react'`.
import { useRef } from 'react';
import type { ConfListener } from 'conf-listener/react';

export function Right({ ticket }: { ticket?: string }) {
  const player = useRef<ConfListener>(null);
  return (
    <conf-listener
      ref={player}
      room="allhands"
      variant="card"
      className="player"
      volume={0.5}
      muted
      token={ticket}
      tokenProvider={async (room, reason) => `${room} ${reason}`}
      onconf-caption={({ detail }) => detail.text.length}
      onconf-statechange={(event) => event.detail.state === 'live' && player.current?.goLive()}
    >
      <a href="https://relay.example/listen/allhands">Listen live</a>
    </conf-listener>
  );
}

export const wrong = [
  // @ts-expect-error -- there is no such shape
  <conf-listener key={1} room="allhands" variant="round" />,
  // @ts-expect-error -- there is no such attribute
  <conf-listener key={2} rooms="allhands" />,
  // @ts-expect-error -- a number
  <conf-listener key={3} room="allhands" volume="loud" />,
  // @ts-expect-error -- a caption has no volume
  <conf-listener key={4} room="allhands" onconf-caption={({ detail }) => detail.volume} />,
  // @ts-expect-error -- a handler
  <conf-listener key={5} room="allhands" onconf-play="play()" />,
];
