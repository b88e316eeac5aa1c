import * as v from 'valibot';
import { RoomSettingsSchema } from './room-settings.ts';
import { shownName, type ConfigFault } from './setting-sources.ts';
import { SETTING_NAMES, isSecret } from './settings.ts';

/** Fields of a room, and settings, that hold a PIN or a phone number. */
const UNTOLD_FIELDS = ['pin', 'hostPin', 'number'];
const UNTOLD_SETTINGS = ['vonage.from'];
const MAX_SHOWN_CHARS = 100;

/** Name, value and fix of what the schema refuses; values that may be secret, and lists, stay untold. */
export function schemaFault(issue: v.BaseIssue<unknown>): ConfigFault {
  const path = issue.path?.map(({ key }) => String(key)) ?? [];
  return { name: shownName(path.join('.')), detail: `${shownValue(path, issue.input)}${complaint(issue)}` };
}

function complaint({ kind, message, expected, received }: v.BaseIssue<unknown>): string {
  // The library's own words for a wrong type quote the value.
  if (kind !== 'schema' || !message.startsWith('Invalid')) return message;
  if (expected === 'never') return 'is not a field of a room';
  if (received === 'undefined') return 'is missing';
  return `is not ${expected ?? 'of the right kind'}`;
}

function shownValue(path: readonly string[], value: unknown): string {
  if (!isTold(path) || typeof value === 'object' || value === undefined) return '';
  const text = JSON.stringify(value);
  // A password may stand in front of a host's name.
  const bare = text.replace(/\/\/[^/]*@/, '//…@');
  return `${bare.length > MAX_SHOWN_CHARS ? `${bare.slice(0, MAX_SHOWN_CHARS)}…` : bare} `;
}

/** Within `rooms` only what is known to be no secret: a slip of the pen in `pin` must not show it. */
function isTold([setting = '', , field = '']: readonly string[]): boolean {
  if (setting === 'rooms')
    return Object.hasOwn(RoomSettingsSchema.entries, field) && !UNTOLD_FIELDS.includes(field);
  const name = SETTING_NAMES.find((known) => known === setting);
  return name !== undefined && !isSecret(name) && !UNTOLD_SETTINGS.includes(name);
}
