import type { RoomPage } from '../access/page-access.ts';

/** The ticket of a personal link stands behind its `#`, which browsers send nowhere. */
export const PAGE_SCRIPT = `const player = document.querySelector('conf-listener');
const show = () => {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (ticket) player.token = ticket;
};
addEventListener('hashchange', show);
show();
`;

/** A frame has no room to spare. Old attributes of `body`: the policy refuses styles in the page. */
const NO_MARGIN = ' marginwidth="0" marginheight="0"';

/**
 * Policy of the pages the relay serves itself: their only script is the element, their only style a constructable
 * sheet. `frame-ancestors` says who may frame the page. `wss:` must be named apart: `'self'` does not cover it in
 * every engine (measured).
 */
export function pagePolicy(origin: string, frameAncestors: string): string {
  const socketOrigin = origin.replace(/^http/, 'ws');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${socketOrigin}`,
    "media-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ');
}

/** `/listen/{room}`: the page people are sent a link to. */
export function listenPage(room: RoomPage): string {
  const title = escapeHtml(room.title ?? room.room);
  return page(title, `<main>\n<h1>${title}</h1>\n${player(room)}\n</main>`);
}

/** `/embed/{room}`: the player alone, to be framed. */
export function embedPage(room: RoomPage): string {
  return page(escapeHtml(room.title ?? room.room), player(room), NO_MARGIN);
}

/** Without script: a plain stream, a few seconds late, where it can be had without a ticket. */
function player({ room, title, ticket, isOpen }: RoomPage): string {
  const label = title === undefined ? '' : ` label="${escapeHtml(title)}"`;
  const tickets = ticket === undefined ? '' : ` token="${ticket}" token-url="/page-ticket"`;
  const fallback = isOpen
    ? `<audio controls preload="none" src="/v1/rooms/${room}/stream.wav"></audio>`
    : '<p>Listening needs JavaScript.</p>';
  return `<conf-listener room="${room}"${label}${tickets}>
${fallback}
</conf-listener>`;
}

function page(title: string, content: string, bodyAttributes = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<script type="module" src="/v1/conf-listener.js"></script>
<script defer src="/page.js"></script>
</head>
<body${bodyAttributes}>
${content}
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
