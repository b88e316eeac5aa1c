import * as v from 'valibot';
import { LOG_LEVELS } from '../log.ts';
import { RoomsSchema } from './room-settings.ts';
import {
  Amount,
  ChunkMs,
  Origin,
  PhoneNumber,
  Secret,
  Text,
  WebAddress,
  YesNo,
  wholeNumber,
} from './values.ts';

/** A setting with what it means, for the operator. */
function describe<const Schema extends v.GenericSchema>(schema: Schema, doc: string) {
  return v.pipe(schema, v.description(doc));
}

/** A setting that must not be seen: `…File` and `…_FILE` name a file that holds it. */
function secret<const Schema extends v.GenericSchema>(schema: Schema, doc: string) {
  return v.pipe(schema, v.description(doc), v.metadata({ secret: true, file: true }));
}

/** A setting that may stand in a file of its own in the same way, for the secrets among the rest of it. */
function inFile<const Schema extends v.GenericSchema>(schema: Schema, doc: string) {
  return v.pipe(schema, v.description(doc), v.metadata({ file: true }));
}

/** Every setting of the relay, by its name in `conf-relay.json` (dots are nesting). The one place of each default. */
export const SettingsSchema = v.object({
  host: describe(
    v.optional(Text, '127.0.0.1'),
    'Address to listen on. Where others reach it, an open room and a missing publicUrl are unsafe.',
  ),
  port: describe(v.optional(wholeNumber(0, 65_535), 8080), 'Port to listen on; 0 takes a free one.'),
  publicUrl: describe(
    v.optional(Origin),
    'Origin under which browsers and the phone platform reach the relay; unsafe where it is not https.',
  ),
  providerName: describe(
    v.optional(Text, 'conf-listener'),
    'Who offers the player, as sites that embed it name it (oEmbed provider_name).',
  ),
  logLevel: describe(v.optional(v.picklist(LOG_LEVELS), 'info'), 'One of debug, info, warn, error, silent.'),
  rooms: inFile(
    v.optional(RoomsSchema, [{ id: 'allhands', title: 'All hands' }]),
    'The rooms: a list, see "A room"; in a file of its own where PINs are to stay unseen.',
  ),
  dataDir: describe(
    v.optional(Text, 'conf-relay-data'),
    'Where the history is kept; made where it is missing, counts from where the relay is started.',
  ),
  history: describe(
    v.optional(YesNo, true),
    'Keeps calls, legs, listener peaks and errors in dataDir/history.db; false keeps nothing.',
  ),
  historyDays: describe(v.optional(wholeNumber(1, 3650), 90), 'What is older is forgotten, days.'),
  chunkMs: describe(
    v.optional(ChunkMs, 100),
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
  ticketSecret: secret(v.optional(Secret), 'Signs tickets of listeners and publishers (HS256).'),
  previousTicketSecret: secret(
    v.optional(Secret),
    'Tickets signed with it are still taken: for changing ticketSecret without a break.',
  ),
  ticketJwksUrl: describe(
    v.optional(WebAddress),
    'Key set (JWKS) of a company identity provider whose tickets (ES256, RS256) are taken too; wants ticketIssuer, unsafe where it is not https.',
  ),
  ticketIssuer: describe(v.optional(Text), 'The issuer (iss) that tickets must name.'),
  ticketAudience: describe(v.optional(Text, 'conf-listener'), 'The audience (aud) that tickets must name.'),
  'admin.key': secret(
    v.optional(Secret),
    'Opens the admin listener, which is there only where this is set: Authorization: Bearer <key>.',
  ),
  'admin.host': describe(
    v.optional(Text, '127.0.0.1'),
    'Address of the admin listener, which speaks plain http; unsafe where others reach it.',
  ),
  'admin.port': describe(
    v.optional(wholeNumber(0, 65_535), 9090),
    'Port of the admin listener; 0 takes a free one.',
  ),
  'metrics.perRoom': describe(
    v.optional(YesNo, false),
    'Whether /metrics tells of each room apart; of more than 200 rooms it never does.',
  ),
  'egress.costPerGb': describe(
    v.optional(Amount, 0.09),
    'What a GB (10⁹ bytes) sent costs, for the estimate on /admin; 0 shows none.',
  ),
  'egress.currency': describe(v.optional(Text, 'USD'), 'In which currency.'),
  insecure: describe(
    v.optional(YesNo, false),
    'Starts in spite of unsafe settings and names them at every start; --insecure takes no value.',
  ),
  'vonage.applicationId': describe(v.optional(Text), 'Id of the Vonage application.'),
  'vonage.privateKey': secret(v.optional(Text), 'PEM text of the application’s private key.'),
  'vonage.signatureSecret': secret(
    v.optional(Text),
    'The account’s signature secret, which signs webhooks and legs.',
  ),
  'vonage.apiKey': describe(v.optional(Text), 'The account’s API key, as signed webhooks name it.'),
  'vonage.apiSecret': secret(
    v.optional(Text),
    'The account’s API secret. Only "conf-relay check" uses it, to look at the application and its numbers.',
  ),
  'vonage.from': describe(
    v.optional(PhoneNumber),
    'A number linked to the application, E.164 digits without +.',
  ),
  'vonage.apiHost': describe(
    v.optional(Origin, 'https://api.nexmo.com'),
    'API host of the application’s region; a room may name another.',
  ),
  'vonage.restHost': describe(
    v.optional(Origin, 'https://rest.nexmo.com'),
    'Where "conf-relay check" asks which numbers the account has.',
  ),
  'vonage.lengthTimerSec': describe(
    v.optional(wholeNumber(60, 86_400), 7200),
    'The platform ends a leg of this age, s; the relay has its next one up before.',
  ),
  'vonage.replaceBeforeSec': describe(
    v.optional(wholeNumber(10, 3600), 120),
    'A leg’s successor is dialled so long before that, s; a quarter of the leg’s time at most.',
  ),
});

/** Name of a setting. */
export type SettingName = keyof typeof SettingsSchema.entries;

/** All settings, checked. */
export type Settings = v.InferOutput<typeof SettingsSchema>;

/** All names, in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SettingsSchema.entries).filter(
  isSettingName,
);

/** Whether the setting is a secret. */
export function isSecret(name: SettingName): boolean {
  return 'secret' in v.getMetadata(SettingsSchema.entries[name]);
}

/** Whether `…File` and `…_FILE` may name a file that holds the setting. */
export function mayBeFile(name: SettingName): boolean {
  return 'file' in v.getMetadata(SettingsSchema.entries[name]);
}

/** What the setting means and what it is when nobody sets it. */
export function describeSetting(name: SettingName): { doc: string; fallback: string } {
  const schema = SettingsSchema.entries[name];
  return { doc: v.getDescription(schema) ?? '', fallback: JSON.stringify(v.getDefault(schema)) ?? 'none' };
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SettingsSchema.entries, name);
}
