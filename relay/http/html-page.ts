/** What differs from page to page. */
export interface HtmlPage {
  /** As text. */
  title: string;
  /** What else stands in the head, a line each. */
  head: readonly string[];
  /** What stands in the body. */
  body: string;
  /** Of the words on the page. Default: English. */
  lang?: string;
  /** Default: what the reader's system has. */
  theme?: 'light' | 'dark' | undefined;
  /** Where its sheet is; default: where the public listener has it. */
  sheet?: string;
}

/** Of those that the player speaks. */
const RIGHT_TO_LEFT = ['ar'];

/** A page under the one sheet that all have. */
export function htmlPage({
  title,
  head,
  body,
  lang = 'en',
  theme,
  sheet = '/pages/page.css',
}: HtmlPage): string {
  return `<!doctype html>
<html lang="${lang}"${RIGHT_TO_LEFT.includes(lang) ? ' dir="rtl"' : ''}>
<head>
${[
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  `<meta name="color-scheme" content="${theme ?? 'light dark'}">`,
  `<title>${escapeHtml(title)}</title>`,
  `<link rel="stylesheet" href="${sheet}">`,
  ...head,
].join('\n')}
</head>
<body>
${body}
</body>
</html>
`;
}

/** Text as it may stand in HTML and XML, in an attribute's quotes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Policy of a page of the relay's own whose only scripts are ours and whose only styles are a sheet of ours and
 * constructable ones. `frame-ancestors` says who may frame the page. `wss:` must be named apart: `'self'` does not cover
 * it in every engine (measured).
 */
export function pagePolicy(origin: string, frameAncestors: string): string {
  const socketOrigin = origin.replace(/^http/, 'ws');
  return policy(
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${socketOrigin}`,
    "media-src 'self'",
    `frame-ancestors ${frameAncestors}`,
  );
}

/** Policy of a page that is only read. */
export function textPolicy(frameAncestors: string): string {
  return policy("style-src 'self'", `frame-ancestors ${frameAncestors}`);
}

function policy(...allowed: readonly string[]): string {
  return ["default-src 'none'", "base-uri 'none'", "form-action 'none'", ...allowed].join('; ');
}
