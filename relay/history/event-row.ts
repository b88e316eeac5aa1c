import type { Happening, LogFields } from '../log.ts';

/** First words of the events that are kept: what a room, its calls and the relay itself went through. */
const KEPT = new Set([
  'room',
  'call',
  'leg',
  'orphan',
  'orphans',
  'vonage',
  'relay',
  'operator',
  'history',
  'config',
]);
/** Webhooks come several a call, and of talkers' calls too; of ours the table of calls has what they say. */
const CHATTY = new Set(['vonage.event']);
/** UTF-16 units, so that at most 3 kB are written of the longest. */
const MAX_FIELDS_LENGTH = 1000;
const MAX_TEXT_LENGTH = 200;
const MAX_NAME_LENGTH = 128;

/** An event as it lies in the file; `fields` is a JSON object of 1,000 characters at most. */
export interface EventRow {
  atMs: number;
  level: string;
  event: string;
  room: string | null;
  epoch: number | null;
  leg: string | null;
  fields: string;
}

/** Whether events of this name are kept. */
export function isKept(event: string): boolean {
  return KEPT.has(event.slice(0, event.indexOf('.'))) && !CHATTY.has(event);
}

/** The row of a line of the log: `room`, `epoch` and `leg` have columns, all else is kept as it is. */
export function eventRow({ atMs, level, event, fields }: Happening): EventRow {
  const { room, epoch, leg, ...others } = fields;
  const rest: Record<string, string | number | boolean | null | undefined> = { ...others };
  const keepElsewhere = (name: string, value: LogFields[string]): null => {
    rest[name] = value;
    return null;
  };
  return {
    atMs: Math.round(atMs),
    level,
    event: event.slice(0, MAX_NAME_LENGTH),
    room: isName(room) ? room : keepElsewhere('room', room),
    epoch: Number.isSafeInteger(epoch) ? Number(epoch) : keepElsewhere('epoch', epoch),
    leg: isName(leg) ? leg : keepElsewhere('leg', leg),
    fields: fieldsText(rest),
  };
}

function isName(value: LogFields[string]): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH;
}

/** JSON of the fields; where that is too long, of as many as fit, in order, with long texts cut, and `cut: true`. */
function fieldsText(fields: LogFields): string {
  const whole = JSON.stringify(fields);
  if (whole.length <= MAX_FIELDS_LENGTH) return whole;
  const parts: string[] = [];
  let length = '{"cut":true}'.length;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const cut = typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : value;
    const part = `${JSON.stringify(name)}:${JSON.stringify(cut)},`;
    if (length + part.length > MAX_FIELDS_LENGTH) continue;
    parts.push(part);
    length += part.length;
  }
  return `{${parts.join('')}"cut":true}`;
}
