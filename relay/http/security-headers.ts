/** Headers by name. */
export type HeaderSet = Readonly<Record<string, string>>;

/** One year: browsers ask nobody but the https origin again. */
const HTTPS_ONLY = { 'Strict-Transport-Security': 'max-age=31536000' };

/**
 * What is no page runs and loads nothing and is framed by nobody. Sound that is opened in a tab of its own is played
 * by a page that the browser makes around it, under this policy: hence `media-src` (measured).
 */
const RESOURCE_POLICY = "default-src 'none'; media-src 'self'; frame-ancestors 'none'";

/**
 * What every answer of the public listener says; a page says its own policy instead. Script, sound and status are for
 * pages of any origin, those that isolate themselves (COEP) too.
 */
export function securityHeaders(publicUrl: string): HeaderSet {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'Content-Security-Policy': RESOURCE_POLICY,
    'Cross-Origin-Resource-Policy': 'cross-origin',
    ...(publicUrl.startsWith('https:') && HTTPS_ONLY),
  };
}

/**
 * What every page says beside. No Cross-Origin-Opener-Policy: opened from a sandboxed frame, as some CMS make around
 * an embed, the page would not load (HTML, "obtain a cross-origin opener policy").
 */
export const PAGE_HEADERS: HeaderSet = { 'X-Robots-Tag': 'noindex' };

/** What every answer of the admin listener says: it is for programs, and for no page but the console. */
export const ADMIN_HEADERS: HeaderSet = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};
