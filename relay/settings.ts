import * as v from 'valibot';
import { FRAME_MS } from '../wire/format.ts';
import { parseRoomId } from '../wire/room-id.ts';
import { LOG_LEVELS } from './log.ts';

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.union(
      [v.number(), v.pipe(v.string(), v.regex(/^\d+$/, 'is not a whole number'), v.transform(Number))],
      'is not a whole number',
    ),
    v.integer('is not a whole number'),
    v.minValue(min, `is below ${min}`),
    v.maxValue(max, `is above ${max}`),
  );
const text = v.pipe(v.string(), v.minLength(1, 'is empty'));

const Origin = v.pipe(
  v.string(),
  v.regex(
    /^https?:\/\/[^/?#\s]+$/,
    'is not an origin such as https://relay.example (no path, no slash at the end)',
  ),
);

const RoomIdText = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseRoomId(dataset.value);
    if (id) return id;
    addIssue({ message: 'is not a room id: 1 to 64 of a-z, 0-9 and -, a letter or digit first' });
    return NEVER;
  }),
);

const RoomSettings = v.strictObject({
  /** In URLs and in the `room` attribute. */
  id: RoomIdText,
  /** What people read; default: the id. */
  title: v.optional(text),
  /** `vonage`: dialled. `l16`: a publisher sends the sound. Default: vonage where that is set up. */
  source: v.optional(v.picklist(['vonage', 'l16'])),
  /** The platform's name of the conversation; default: the id. */
  conversation: v.optional(text),
  /** The number talkers dial, E.164 digits without `+`. */
  number: v.optional(v.pipe(v.string(), v.regex(/^\d{5,15}$/, 'is not 5 to 15 digits without +'))),
  /** `open`: everybody who reaches the relay may listen. `ticket`: only with a ticket. */
  access: v.optional(v.picklist(['open', 'ticket']), 'open'),
  /** `suppress`: while nobody speaks, the media clock is sent instead of chunks. `send`: everything is sent. */
  silence: v.optional(v.picklist(['suppress', 'send']), 'suppress'),
  /** Whether listeners and the public status learn how many listen. */
  showListeners: v.optional(v.boolean(), false),
});

const RoomList = v.array(RoomSettings, 'is not a list of rooms');
const RoomListText = v.pipe(v.string(), v.parseJson(undefined, 'is not JSON'), RoomList);

const Rooms = v.pipe(
  // Not a union, which would hide what is wrong with a room behind "is not a list".
  v.lazy((input) => (typeof input === 'string' ? RoomListText : RoomList)),
  v.minLength(1, 'is empty: name at least one room'),
  v.check((rooms) => allDiffer(rooms.map(({ id }) => id)), 'names a room twice'),
  v.check((rooms) => allDiffer(rooms.flatMap(({ number }) => number ?? [])), 'gives two rooms one number'),
);

function allDiffer(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/** A setting with what it means, for the operator. */
function describe<const Schema extends v.GenericSchema>(schema: Schema, doc: string) {
  return v.pipe(schema, v.description(doc));
}

/** A setting that must not be seen: `…File` and `…_FILE` name a file that holds it. */
function secret<const Schema extends v.GenericSchema>(schema: Schema, doc: string) {
  return v.pipe(schema, v.description(doc), v.metadata({ secret: true }));
}

/** Every setting of the relay, by its name in `conf-relay.json` (dots are nesting). The one place of each default. */
export const SettingsSchema = v.object({
  host: describe(v.optional(text, '127.0.0.1'), 'Address to listen on.'),
  port: describe(v.optional(wholeNumber(0, 65_535), 8080), 'Port to listen on; 0 takes a free one.'),
  publicUrl: describe(
    v.optional(Origin),
    'Origin under which browsers and the phone platform reach the relay.',
  ),
  logLevel: describe(v.optional(v.picklist(LOG_LEVELS), 'info'), 'One of debug, info, warn, error, silent.'),
  rooms: describe(
    v.optional(Rooms, [{ id: 'allhands', title: 'All hands' }]),
    'The rooms: a list of {id, title, source, conversation, number, access, silence, showListeners}.',
  ),
  chunkMs: describe(
    v.optional(
      v.pipe(
        wholeNumber(20, 1000),
        v.check((ms) => ms % FRAME_MS === 0, 'is not a multiple of the 20 ms frame; use 100 or 200'),
      ),
      100,
    ),
    'Length of a chunk, ms: shorter is less delay, longer is less CPU.',
  ),
  lingerMs: describe(
    v.optional(wholeNumber(0, 3_600_000), 30_000),
    'From the last listener leaving to the hang-up, ms.',
  ),
  stalledMs: describe(
    v.optional(wholeNumber(1000, 600_000), 10_000),
    'A leg that sends nothing for this long is dialled anew, ms.',
  ),
  retryWindowMs: describe(
    v.optional(wholeNumber(0, 600_000), 10_000),
    'Listeners spread their reconnects over this time, ms.',
  ),
  'limits.connections': describe(
    v.optional(wholeNumber(1, 1_000_000), 15_000),
    'Listeners of this relay; more are told to come back later.',
  ),
  'limits.perRoom': describe(v.optional(wholeNumber(1, 1_000_000), 15_000), 'Listeners of one room.'),
  'limits.perAddress': describe(
    v.optional(wholeNumber(1, 1_000_000), 2000),
    'Listeners from one address (IPv6: one /64), such as an office behind one router; this machine’s own is not counted.',
  ),
  'limits.joinsPerSec': describe(
    v.optional(wholeNumber(1, 100_000), 1000),
    'Listeners that may come in a second; more are told to come back later.',
  ),
  trustProxy: describe(
    v.optional(wholeNumber(0, 10), 0),
    'Proxies in front of the relay that add to X-Forwarded-For: so many entries of it, from the right, are believed.',
  ),
  ticketSecret: secret(
    v.optional(
      v.pipe(v.string(), v.minLength(32, 'is shorter than 32 characters; try: openssl rand -base64 32')),
    ),
    'Signs tickets of listeners and publishers.',
  ),
  'vonage.applicationId': describe(v.optional(text), 'Id of the Vonage application.'),
  'vonage.privateKey': secret(v.optional(text), 'PEM text of the application’s private key.'),
  'vonage.signatureSecret': secret(
    v.optional(text),
    'The account’s signature secret, which signs webhooks and legs.',
  ),
  'vonage.apiKey': describe(v.optional(text), 'The account’s API key, as signed webhooks name it.'),
  'vonage.from': describe(
    v.optional(v.pipe(v.string(), v.regex(/^\d{5,15}$/, 'is not 5 to 15 digits without +'))),
    'A number linked to the application, E.164 digits without +.',
  ),
  'vonage.apiHost': describe(
    v.optional(Origin, 'https://api.nexmo.com'),
    'API host of the application’s region.',
  ),
  'vonage.lengthTimerSec': describe(
    v.optional(wholeNumber(60, 86_400), 7200),
    'The platform ends a leg of this age, s; the relay then dials anew.',
  ),
});

/** Name of a setting. */
export type SettingName = keyof typeof SettingsSchema.entries;

/** All settings, checked. */
export type Settings = v.InferOutput<typeof SettingsSchema>;

/** A room as it stands in the settings. */
export type RoomSettings = v.InferOutput<typeof RoomSettings>;

/** All names, in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SettingsSchema.entries).filter(
  isSettingName,
);

/** Whether the setting is a secret. */
export function isSecret(name: SettingName): boolean {
  return 'secret' in v.getMetadata(SettingsSchema.entries[name]);
}

/** What the setting means and what it is when nobody sets it. */
export function describeSetting(name: SettingName): { doc: string; fallback: string } {
  const schema = SettingsSchema.entries[name];
  return { doc: v.getDescription(schema) ?? '', fallback: JSON.stringify(v.getDefault(schema)) ?? 'none' };
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SettingsSchema.entries, name);
}
