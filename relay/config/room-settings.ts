import * as v from 'valibot';
import { parseRoomId } from '../../wire/room-id.ts';
import { isOriginPattern } from '../access/origins.ts';
import { ScheduleSettingsSchema } from './schedule-settings.ts';
import { readCommentedJson } from './strict-json.ts';
import { ChunkMs, Origin, PhoneNumber, Text, wholeNumber } from './values.ts';

const RoomIdText = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseRoomId(dataset.value);
    if (id) return id;
    addIssue({ message: 'is not a room id: 1 to 64 of a-z, 0-9 and -, a letter or digit first' });
    return NEVER;
  }),
);

const Pin = v.pipe(v.string(), v.regex(/^\d{4,12}$/, 'is not 4 to 12 digits in quotes'));

const OriginPattern = v.pipe(
  v.string(),
  v.check(
    isOriginPattern,
    'is not an origin such as https://intranet.example or https://*.corp.example (lower case, no path, no slash at the end)',
  ),
);

/** A field with what it means, for the operator. */
function field<const Schema extends v.GenericSchema>(schema: Schema, doc: string) {
  return v.pipe(schema, v.description(doc));
}

/** A room as it stands in `rooms`. */
export const RoomSettingsSchema = v.strictObject({
  id: field(RoomIdText, 'Its name in addresses and in the player’s room attribute.'),
  title: field(v.optional(Text), 'What people read. Default: the id.'),
  source: field(
    v.optional(v.picklist(['vonage', 'l16'])),
    'vonage: dialled. l16: a publisher sends the sound. Default: vonage where that is set up.',
  ),
  conversation: field(v.optional(Text), 'The platform’s name of the conversation. Default: the id.'),
  number: field(v.optional(PhoneNumber), 'The number talkers dial, E.164 digits without +.'),
  pin: field(v.optional(Pin), 'What talkers must key in before they are let in.'),
  hostPin: field(
    v.optional(Pin),
    'What the host keys in instead: the others wait for the host, and the conference ends when the host leaves.',
  ),
  access: field(
    v.optional(v.picklist(['open', 'origin', 'ticket'])),
    'open: everybody who reaches the relay may listen. origin: pages of origins. ticket: only with a ticket. Default: origin where there are origins, else open.',
  ),
  origins: field(
    v.optional(v.pipe(v.array(OriginPattern), v.minLength(1, 'is empty: leave it out or name an origin'))),
    'Pages of which origins may play the room, such as https://intranet.example or https://*.corp.example.',
  ),
  silence: field(
    v.optional(v.picklist(['suppress', 'send']), 'suppress'),
    'suppress: while nobody speaks, the media clock is sent instead of chunks. send: everything is sent.',
  ),
  showListeners: field(
    v.optional(v.boolean(), false),
    'Whether listeners and the public status learn how many listen.',
  ),
  maxListeners: field(
    v.optional(wholeNumber(1, 1_000_000)),
    'Listeners of this room. Default: limits.perRoom.',
  ),
  lingerMs: field(
    v.optional(wholeNumber(0, 3_600_000)),
    'From the last listener leaving to the hang-up, ms. Default: lingerMs of the settings.',
  ),
  chunkMs: field(
    v.optional(ChunkMs),
    'Length of a chunk, ms: shorter is less delay, longer is less CPU. Default: chunkMs of the settings.',
  ),
  apiHost: field(
    v.optional(Origin),
    'API host of the region where this room’s calls live. Default: vonage.apiHost.',
  ),
  schedule: field(
    v.optional(ScheduleSettingsSchema),
    'When it is open: timeZone, such as Europe/Berlin, and sessions, each with a day of the week (mon … sun, a list of them, daily or weekdays) or a date, opens and closes. At other times nobody is dialled, and listeners read when it starts. Default: always.',
  ),
});

const MAX_ROOMS = 10_000;
const RoomList = v.pipe(
  v.array(v.unknown(), 'is not a list of rooms'),
  v.maxLength(MAX_ROOMS, `has more than ${MAX_ROOMS} rooms`),
  v.array(RoomSettingsSchema),
);
const RoomListText = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
    const reading = readCommentedJson(dataset.value);
    if (reading.kind === 'value') return reading.value;
    addIssue({ message: reading.detail });
    return NEVER;
  }),
  RoomList,
);

/** All rooms: a list, or its JSON. */
export const RoomsSchema = v.pipe(
  // Not a union, which would hide what is wrong with a room behind "is not a list".
  v.lazy((input) => (typeof input === 'string' ? RoomListText : RoomList)),
  v.minLength(1, 'is empty: name at least one room'),
  v.check(
    (rooms) => twinOf(rooms, ({ id }) => id) === undefined,
    ({ input }) => `names the room "${twinOf(input, ({ id }) => id)?.id}" twice`,
  ),
  v.check(
    (rooms) => twinOf(rooms, ({ number }) => number) === undefined,
    ({ input }) => `gives room "${twinOf(input, ({ number }) => number)?.id}" the number of another`,
  ),
);

/** A room as it stands in the settings, checked. */
export type RoomSettings = v.InferOutput<typeof RoomSettingsSchema>;

/** The first room that has the same of something as one before it. */
function twinOf(
  rooms: readonly RoomSettings[],
  trait: (room: RoomSettings) => string | undefined,
): RoomSettings | undefined {
  const seen = new Set<string>();
  return rooms.find((room) => {
    const value = trait(room);
    if (value === undefined) return false;
    const twin = seen.has(value);
    seen.add(value);
    return twin;
  });
}
