import type { IncomingMessage } from 'node:http';

/** As many as Apache takes. A browser and its proxies send about 30. */
export const MAX_HEADERS = 100;

/** The form of a path; `#` ends it for one program and is part of it for another. */
const PATH = /^\/[^#]*$/;

/**
 * What is wrong with a request that Node lets through, though a proxy in front may have understood it otherwise;
 * undefined where it is in order. Stricter than RFC 9112 in that it takes no address in place of a path.
 */
export function requestFault(request: IncomingMessage): string | undefined {
  const { httpVersion, headers, headersDistinct, rawHeaders, url = '' } = request;
  const coding = headers['transfer-encoding']?.toLowerCase();
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'The relay speaks HTTP/1.1.';
  if (rawHeaders.length > 2 * MAX_HEADERS) return `A request has at most ${MAX_HEADERS} headers.`;
  if (!PATH.test(url)) return 'Ask for a path.';
  if (headersDistinct['host'] && headersDistinct['host'].length > 1) return 'A request has one Host.';
  if (coding !== undefined && (coding !== 'chunked' || httpVersion === '1.0'))
    return 'The only transfer coding is chunked, of HTTP/1.1.';
  return undefined;
}
