import * as v from 'valibot';
import type { SampleRate } from '../../wire/format.ts';
import type { Settings } from './options.ts';

const RelayAction = v.variant('action', [
  v.object({ action: v.literal('clear') }),
  v.object({ action: v.literal('notify'), payload: v.unknown() }),
]);

/**
 * The first message of a leg: the endpoint's `headers` flat beside the platform's own fields, which they cannot
 * override, after a leading space (source: Vonage Voice API reference). Profile `legacy` has no `event`.
 */
export function firstText(
  headers: Record<string, unknown>,
  sampleRate: SampleRate,
  profile: Settings['profile'],
): string {
  const own = new Map<string, unknown>([['content-type', contentType(sampleRate)]]);
  const all = new Map<string, unknown>(
    profile === 'legacy' ? own : [['event', 'websocket:connected'], ...own],
  );
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'event' && name !== 'content-type') all.set(name, value);
  }
  return ` ${JSON.stringify(Object.fromEntries(all))}`;
}

/** A key somebody in the conversation pressed. */
export function digitText(digit: string): string {
  return JSON.stringify({ event: 'websocket:dtmf', digit, duration: 260 });
}

/** Tells that frames stop or go on. Only profile `legacy` sends it (source: the platform's mod_wsbridge). */
export function activityText(active: boolean, sampleRate: SampleRate): string {
  return JSON.stringify({
    event: 'websocket:media:update',
    method: 'update',
    active,
    'content-type': contentType(sampleRate),
  });
}

/** The platform's answer to a text from the relay; `undefined` for a text it does not know. */
export function replyTo(text: string): string | undefined {
  const action = v.safeParse(v.pipe(v.string(), v.parseJson(), RelayAction), text);
  if (!action.success) return undefined;
  switch (action.output.action) {
    case 'clear':
      return JSON.stringify({ event: 'websocket:cleared' });
    case 'notify':
      return JSON.stringify({ event: 'websocket:notify', payload: action.output.payload });
    default:
      return action.output satisfies never;
  }
}

function contentType(sampleRate: SampleRate): string {
  return `audio/l16;rate=${sampleRate}`;
}
