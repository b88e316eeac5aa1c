/** What a page that the relay serves shows. */
export interface PageSettings {
  room: string;
  title: string;
}

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
export function listenPage(settings: PageSettings): string {
  const title = escapeHtml(settings.title);
  return page(title, `<main>\n<h1>${title}</h1>\n${player(settings)}\n</main>`);
}

/** `/embed/{room}`: the player alone, to be framed. */
export function embedPage(settings: PageSettings): string {
  return page(escapeHtml(settings.title), player(settings));
}

/** Without script: a plain stream, a few seconds late. */
function player({ room, title }: PageSettings): string {
  return `<conf-listener room="${room}" label="${escapeHtml(title)}">
<audio controls preload="none" src="/v1/rooms/${room}/stream.wav"></audio>
</conf-listener>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<script type="module" src="/v1/conf-listener.js"></script>
</head>
<body>
${body}
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
