// The page around the players. Plain scripts, no build; runs before the player's own.
import { Appearance } from './appearance.js';
import { Inspector } from './inspector.js';
import { Platform } from './platform.js';
import { showSnippets } from './snippets.js';

showSnippets(location.origin);
new Appearance(document).restore();
const lead = document.getElementById('lead');
const inspector = new Inspector(document.getElementById('inspector'), lead);
const platform = new Platform(document.getElementById('rooms'), document.getElementById('events'));
platform.follow((event) => {
  if (event.kind === 'fault' && event.fault.conversation === lead.getAttribute('room')) {
    inspector.markFault(event.atMs - performance.timeOrigin);
  }
});
