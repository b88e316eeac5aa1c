/** More text than that is no settings file. */
const MAX_CHARS = 1_000_000;
const MAX_DEPTH = 16;

/** Strings (with the colon where they are keys) and brackets of a text that is JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"\s*:?|[{}[\]]/g;
/** Strings of one line, and comments from `//` to the end of the line. */
const STRING_OR_COMMENT = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"|\/\/[^\n]*/g;
/** Keys that every object seems to have. */
const INHERITED = ['__proto__', 'constructor', 'prototype'];

/** Result of {@link readJson}. */
export type JsonReading = { kind: 'value'; value: unknown } | { kind: 'fault'; detail: string };

/**
 * Parses JSON that a person wrote. Refused are also what `JSON.parse` passes over in silence: a key that stands twice,
 * of which the first would count for nothing, and keys such as `__proto__`. The detail never quotes a value.
 */
export function readJson(text: string): JsonReading {
  if (text.length > MAX_CHARS) return { kind: 'fault', detail: 'is longer than 1 MB' };
  try {
    const value: unknown = JSON.parse(text);
    const detail = structureFault(text);
    return detail === undefined ? { kind: 'value', value } : { kind: 'fault', detail };
  } catch {
    return { kind: 'fault', detail: 'is not JSON' }; // a SyntaxError, whose message quotes the text
  }
}

/** The same of a file, in which `//` begins a comment outside strings. */
export function readCommentedJson(text: string): JsonReading {
  if (text.length > MAX_CHARS) return { kind: 'fault', detail: 'is longer than 1 MB' };
  return readJson(text.replace(STRING_OR_COMMENT, (token) => (token.startsWith('//') ? '' : token)));
}

/** What is wrong with the keys and the depth of a text that is JSON. */
function structureFault(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':')) {
      const key = String(JSON.parse(token.slice(0, -1)));
      if (INHERITED.includes(key)) return `has the key "${key}"`;
      const keys = open.at(-1);
      if (keys?.has(key)) return `has the key ${JSON.stringify(key.slice(0, 80))} twice in one object`;
      keys?.add(key);
    }
    if (open.length > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH}`;
  }
  return undefined;
}
