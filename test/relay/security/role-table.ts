import { VERSION } from '../../../relay/installation.ts';

/**
 * What each role gets. A room's kind stands for a room of that access, `unknown` for one that does not exist; `listener`
 * has a ticket for the room, `stranger` one for another, `publisher` and `admin` theirs of the room, `platform` the phone
 * platform's signature, `operator` the admin key. Whoever has something shows it wherever something can be shown.
 */
export const PUBLIC = `
                                              nobody listener stranger publisher platform operator admin
GET,HEAD /healthz                        -       200      200      200       200      200      200   200
OPTIONS  /healthz                        -       200      200      200       200      200      200   200
POST     /healthz                        -       405      405      405       405      405      405   405
GET,HEAD /readyz                         -       200      200      200       200      200      200   200
GET,HEAD /conf-listener.js               -       200      200      200       200      200      200   200
GET,HEAD /conf-listener.iife.js          -       200      200      200       200      200      200   200
GET,HEAD /conf-session-:hash.js          -       200      200      200       200      200      200   200
GET,HEAD /v1/:file                       -       200      200      200       200      200      200   200
GET,HEAD /v1/lang/:file                  -       200      200      200       200      200      200   200
GET,HEAD /v${VERSION}/:file                   -       200      200      200       200      200      200   200
GET,HEAD /v${VERSION}/lang/:file              -       200      200      200       200      200      200   200
GET,HEAD /v0.0.0/:file                   -       404      404      404       404      404      404   404
POST     /v1/:file                       -       405      405      405       405      405      405   405
GET,HEAD /embed.json                     -       200      200      200       200      200      200   200
GET,HEAD /builder                        -       200      200      200       200      200      200   200
GET,HEAD /pages/:file                    -       200      200      200       200      200      200   200
GET,HEAD /help/:code                     -       200      200      200       200      200      200   200
GET,HEAD /oembed                         -       400      400      400       400      400      400   400
GET,HEAD /v1/rooms/:room                 open    200      200      200       200      200      200   200
GET,HEAD /v1/rooms/:room                 origin  403      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room                 ticket  401      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room                 unknown 401      404      401       401      401      401   401
POST     /v1/rooms/:room                 ticket  405      405      405       405      405      405   405
GET,HEAD /v1/rooms/:room/stream          open    200      200      200       200      200      200   200
GET,HEAD /v1/rooms/:room/stream          origin  403      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room/stream          ticket  401      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room/stream          unknown 401      404      401       401      401      401   401
GET,HEAD /v1/rooms/:room/stream.wav      open    200      200      200       200      200      200   200
GET,HEAD /v1/rooms/:room/stream.wav      origin  403      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room/stream.wav      ticket  401      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room/stream.wav      unknown 401      404      401       401      401      401   401
GET,HEAD /v1/rooms/:room/chunks          open    200      200      200       200      200      200   200
GET,HEAD /v1/rooms/:room/chunks          origin  403      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room/chunks          ticket  401      200      401       401      401      401   401
GET,HEAD /v1/rooms/:room/chunks          unknown 401      404      401       401      401      401   401
POST     /v1/rooms/:room/captions        open    401      401      401       400      401      401   401
POST     /v1/rooms/:room/captions        ticket  401      401      401       400      401      401   401
POST     /v1/rooms/:room/captions        unknown 401      401      401       404      401      401   401
POST     /v1/rooms/:room/captions        dialled 401      401      401       400      401      401   401
GET,HEAD /v1/rooms/:room/captions        ticket  405      405      405       405      405      405   405
OPTIONS  /v1/rooms/:room                 ticket  204      204      204       204      204      204   204
OPTIONS  /v1/rooms/:room                 unknown 204      204      204       204      204      204   204
OPTIONS  /v1/rooms/:room/stream          ticket  204      204      204       204      204      204   204
OPTIONS  /v1/rooms/:room/stream          unknown 204      204      204       204      204      204   204
OPTIONS  /v1/rooms/:room/stream.wav      ticket  204      204      204       204      204      204   204
OPTIONS  /v1/rooms/:room/chunks          ticket  204      204      204       204      204      204   204
GET,HEAD /listen/:room                   open    200      200      200       200      200      200   200
GET,HEAD /listen/:room                   origin  200      200      200       200      200      200   200
GET,HEAD /listen/:room                   ticket  200      200      200       200      200      200   200
GET,HEAD /listen/:room                   unknown 200      200      200       200      200      200   200
GET,HEAD /embed/:room                    open    200      200      200       200      200      200   200
GET,HEAD /embed/:room                    origin  200      200      200       200      200      200   200
GET,HEAD /embed/:room                    ticket  200      200      200       200      200      200   200
GET,HEAD /embed/:room                    unknown 200      200      200       200      200      200   200
GET,HEAD /page-ticket                    origin  401      401      401       401      401      401   401
GET,HEAD /page-ticket                    ticket  401      401      401       401      401      401   401
GET,HEAD /page-ticket                    unknown 401      401      401       401      401      401   401
OPTIONS  /page-ticket                    origin  204      204      204       204      204      204   204
GET,HEAD /vonage/answer                  -       503      401      401       401      200      401   401
POST     /vonage/answer                  -       503      401      401       401      200      401   401
OPTIONS  /vonage/answer                  -       200      200      200       200      200      200   200
GET,HEAD /vonage/event                   -       503      401      401       401      204      401   401
POST     /vonage/event                   -       503      401      401       401      204      401   401
POST     /vonage/pin/:room/:attempt      dialled 503      401      401       401      200      401   401
POST     /vonage/pin/:room/:attempt      unknown 503      401      401       401      404      401   401
GET,HEAD /vonage/pin/:room/:attempt      dialled 405      405      405       405      405      405   405
GET,HEAD /v1/rooms                       -       404      404      404       404      404      404   404
POST     /v1/rooms/:room/revoke          ticket  404      404      404       404      404      404   404
GET,HEAD /metrics                        -       404      404      404       404      404      404   404
GET,HEAD /admin                          -       404      404      404       404      404      404   404
`;
/** The same of the admin listener. */
export const ADMIN = `
                                              nobody listener stranger publisher platform operator admin
GET,HEAD /healthz                        -       401      401      401       401      401      200   200
GET,HEAD /v1/rooms                       -       401      401      401       401      401      200   200
OPTIONS  /v1/rooms                       -       401      401      401       401      401      200   200
POST     /v1/rooms                       -       401      401      401       401      401      405   405
POST     /v1/rooms/:room/revoke          open    401      401      401       401      401      204   204
POST     /v1/rooms/:room/revoke          ticket  401      401      401       401      401      204   204
POST     /v1/rooms/:room/revoke          unknown 401      401      401       401      401      404   404
POST     /v1/rooms/:room/revoke          others  401      401      401       401      401      204   404
GET,HEAD /v1/rooms/:room/revoke          ticket  401      401      401       401      401      405   405
POST     /v1/rooms/:room/call            open    401      401      401       401      401      409   409
POST     /v1/rooms/:room/call            unknown 401      401      401       401      401      404   404
POST     /v1/rooms/:room/call            others  401      401      401       401      401      409   404
POST     /v1/rooms/:room/hangup          open    401      401      401       401      401      409   409
POST     /v1/rooms/:room/hangup          others  401      401      401       401      401      409   404
POST     /v1/rooms/:room/kick            open    401      401      401       401      401      204   204
POST     /v1/rooms/:room/kick            others  401      401      401       401      401      204   404
POST     /v1/rooms/:room/announce        open    401      401      401       401      401      400   400
POST     /v1/rooms/:room/announce        others  401      401      401       401      401      400   404
GET,HEAD /v1/rooms/:room/timeline        ticket  401      401      401       401      401      200   200
GET,HEAD /v1/rooms/:room/timeline        others  401      401      401       401      401      200   404
GET,HEAD /v1/rooms/:room/history         ticket  401      401      401       401      401      409   409
GET,HEAD /v1/rooms/:room/history         others  401      401      401       401      401      409   404
GET,HEAD /v1/status                      -       401      401      401       401      401      200   200
GET,HEAD /metrics                        -       401      401      401       401      401      200   401
GET,HEAD /                               -       302      302      302       302      302      302   302
GET,HEAD /admin                          -       200      200      200       200      200      200   200
POST     /admin                          -       401      401      401       401      401      405   405
GET,HEAD /admin/console.js               -       200      200      200       200      200      200   200
GET,HEAD /admin/console.css              -       200      200      200       200      200      200   200
GET,HEAD /admin/page.css                 -       200      200      200       200      200      200   200
GET,HEAD /admin/:file                    -       401      401      401       401      401      404   404
GET,HEAD /listen/:room                   open    401      401      401       401      401      404   404
`;
/** The close code where the upgrade was taken (1000: it was open, and closed by the test), else the status. */
export const SOCKETS = `
                                              nobody listener stranger publisher platform operator admin
WS       /v1/rooms/:room/listen          open   1000     1000     1000      1000     1000     1000  1000
WS       /v1/rooms/:room/listen          origin 4403     1000     4401      4401     4401     4401  4401
WS       /v1/rooms/:room/listen          ticket 4401     1000     4401      4401     4401     4401  4401
WS       /v1/rooms/:room/listen          unknown 4401    4404     4401      4401     4401     4401  4401
WS       /ingest/:room                   open    401      401      401      1000      401      401   401
WS       /ingest/:room                   origin  401      401      401      1000      401      401   401
WS       /ingest/:room                   ticket  401      401      401      1000      401      401   401
WS       /ingest/:room                   unknown 401      401      401       404      401      401   401
WS       /ingest/:room                   dialled 401      401      401      4409      401      401   401
WS       /vonage/leg/:room/:ticket       dialled 401      401      401       401      401      401   401
WS       /vonage/leg/:room/:ticket       unknown 401      401      401       401      401      401   401
`;
/** The same of the admin listener. */
export const ADMIN_SOCKETS = `
                                              nobody listener stranger publisher platform operator admin
WS       /v1/rooms/:room/listen          ticket  401      401      401       401      401      401   401
WS       /healthz                        -       401      401      401       401      401      401   401
`;

/** In the order of the columns. */
export const ROLES = [
  'nobody',
  'listener',
  'stranger',
  'publisher',
  'platform',
  'operator',
  'admin',
] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** Which room a row asks for, by its kind; `-` where the path names none. */
const ROOMS: Readonly<Record<string, string>> = {
  open: 'allhands',
  origin: 'press',
  ticket: 'board',
  unknown: 'nowhere',
  dialled: 'dialled',
  others: 'side',
  '-': 'board',
};
/** A line of a table. */
export interface Row {
  methods: readonly string[];
  path: string;
  room: string;
  kind: string;
  codes: readonly number[];
}

/** The lines of a table. Throws for one that cannot be read. */
export function rowsOf(table: string): Row[] {
  const [head = '', ...lines] = table.trim().split('\n');
  if (head.trim() !== ROLES.join(' ')) throw new Error(`not the columns: ${head}`);
  return lines.map((line) => {
    const [methods = '', path = '', kind = '', ...codes] = line.trim().split(/ +/);
    const room = ROOMS[kind];
    if (room === undefined || codes.length !== ROLES.length) throw new Error(`not a row: ${line}`);
    return { methods: methods.split(','), path, room, kind, codes: codes.map(Number) };
  });
}
