import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { PlayerState } from 'conf-listener/react';
import 'conf-listener/react';

/** The script is bundled with the page's own, so it cannot tell where the relay is. */
const RELAY: string = import.meta.env['VITE_RELAY'] ?? 'http://127.0.0.1:8080';

function AllHands() {
  const [state, setState] = useState<PlayerState>('idle');
  return (
    <main>
      <h1>All hands</h1>
      <conf-listener
        relay={RELAY}
        room="allhands"
        variant="card"
        onconf-statechange={({ detail }) => setState(detail.state)}
      />
      <p>
        The player is <output>{state}</output>.
      </p>
    </main>
  );
}

const root = document.querySelector('#root');
if (root) createRoot(root).render(<AllHands />);
