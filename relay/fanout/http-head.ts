/** What every listener's response says: nothing on the way keeps or holds it. */
export const SOUND_HEADERS = {
  'Cache-Control': 'no-store, no-transform',
  // Otherwise nginx hides a listener who takes nothing, and spools megabytes to its disk (measured).
  'X-Accel-Buffering': 'no',
} as const;

/** Head of a response that is made of messages (wire/stream.ts). */
export const MESSAGE_HEADERS = { ...SOUND_HEADERS, 'Content-Type': 'application/octet-stream' } as const;
