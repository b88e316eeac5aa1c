import Router from '@koa/router';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { UPGRADE_PATHS } from '../../../relay/http/upgrade.ts';
import { adminRoutes } from '../../../relay/http/admin-routes.ts';
import { consoleRoutes } from '../../../relay/http/console-page.ts';
import { Assets } from '../../../relay/http/assets.ts';
import { routes } from '../../../relay/http/routes.ts';
import { VERSION } from '../../../relay/installation.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { House } from '../house.ts';
import { signed } from '../ingest/signed.ts';
import { vonageSettings } from './vonage-settings.ts';
import { ADMIN, ADMIN_SOCKETS, PUBLIC, ROLES, SOCKETS, rowsOf, type Role, type Row } from './role-table.ts';

const ADMIN_KEY = 'the-key-of-the-operator-0123456789';

const clock = new FakeClock();
let house: House;
beforeAll(async () => {
  const rooms = [
    { id: 'allhands', source: 'l16' },
    { id: 'press', source: 'l16', origins: ['https://intranet.example'] },
    { id: 'board', source: 'l16', access: 'ticket' },
    { id: 'side', source: 'l16' },
    { id: 'dialled', source: 'vonage' },
  ];
  const admin = { key: ADMIN_KEY, port: 0 };
  house = await House.open({ clock, settings: { ...vonageSettings(), admin, rooms } });
});
afterAll(async () => {
  expect(house.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await house.close();
});

/** What a role has to show: a ticket, a key, or a signature over the body. */
async function shown(role: Role, room: string, body: string | undefined): Promise<string | undefined> {
  switch (role) {
    case 'nobody':
      return undefined;
    case 'listener':
      return house.ticket(room);
    case 'stranger':
      return house.ticket('another');
    case 'publisher':
      return house.ticket(room, 'publish');
    case 'admin':
      // It rules what it is asked about, and not the other rooms.
      return house.tickets.issue(room === 'side' ? ['board'] : [room], 'admin', 60);
    case 'platform':
      return signed({ iat: clock.wallMs() / 1000, ...(body !== undefined && { body }) }).replace(
        'Bearer ',
        '',
      );
    case 'operator':
      return ADMIN_KEY;
    default:
      return role satisfies never;
  }
}

/** What stands for the parts of a path. */
const PARTS = { attempt: '1', ticket: 'a.b.c', file: 'conf-listener.js', hash: 'z9z9z9z9', code: 'csp' };

function placeOf({ path, room }: Row): string {
  const parts = { ...PARTS, room };
  const place = path
    .replace('pages/:file', 'pages/page.css')
    .replace('lang/:file', 'lang/de.js')
    .replaceAll(/:([a-z]+)/g, (part, name: string) => new Map(Object.entries(parts)).get(name) ?? part);
  return path === '/page-ticket' ? `${place}?room=${room}` : place;
}

/** The status of an answer, of which no more is read. */
function ask(url: string, method: string, credential: string | undefined, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = credential === undefined ? {} : { Authorization: `Bearer ${credential}` };
    const asked = httpRequest(url, { method, headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
      asked.destroy();
    });
    asked.once('error', reject);
    asked.end(method === 'POST' ? body : undefined);
  });
}

function upgrade(url: string, credential: string | undefined): Promise<number> {
  return new Promise((resolve) => {
    const headers = credential === undefined ? {} : { Authorization: `Bearer ${credential}` };
    const offered = credential === undefined ? ['conf.v1'] : ['conf.v1', `bearer.${credential}`];
    // A publisher offers none: it would not connect to a door that takes none.
    const protocols = new URL(url).pathname.endsWith('/listen') ? offered : [];
    const socket = new WebSocket(url, protocols, { headers });
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      resolve(statusCode);
      socket.terminate();
    });
    socket.on('error', () => {});
    // What is refused is closed in the same breath: whoever was let in has a word to say.
    socket.once('message', () => socket.close(1000));
    socket.once('open', () => !url.includes('/listen') && setImmediate(() => socket.close(1000)));
    socket.once('close', (code) => resolve(code));
  });
}

/** For routers that are only looked at. */
function unused(): never {
  throw new Error('nothing is asked here');
}

/** The whole row, as it is found. */
async function found(row: Row, method: string, url: string): Promise<number[]> {
  const codes: number[] = [];
  for (const role of ROLES) {
    const body = method === 'WS' ? undefined : '{}';
    const credential = await shown(role, row.room, body);
    const place = url + placeOf(row);
    codes.push(
      await (method === 'WS'
        ? upgrade(place.replace('http', 'ws'), credential)
        : ask(place, method, credential, '{}')),
    );
  }
  return codes;
}

function titled(table: string): [string, Row, string][] {
  return rowsOf(table).flatMap((row) =>
    row.methods.map((method): [string, Row, string] => [`${method} ${row.path} (${row.kind})`, row, method]),
  );
}

describe('every role on every way of the public listener', () => {
  test.each([...titled(PUBLIC), ...titled(SOCKETS)])('%s', async (_, row, method) => {
    expect(await found(row, method, house.url)).toEqual(row.codes);
  });

  test('each route that is served has its row, GET and HEAD and OPTIONS each their own', () => {
    const router = routes({
      assets: Assets.in(import.meta.dirname),
      pageFiles: Assets.in(import.meta.dirname),
      version: VERSION,
      publicUrl: '',
      providerName: '',
      describeRoom: unused,
      ailment: unused,
      hindrance: unused,
      check: unused,
      corsOrigin: unused,
      stream: unused,
      streamWav: unused,
      poll: unused,
      caption: unused,
      page: unused,
      renewPage: unused,
      vonage: { answer: unused, event: unused, pin: unused },
    });
    expect(missing(router, PUBLIC)).toEqual([]);
    const sockets = new Set(rowsOf(SOCKETS).map(({ path }) => path));
    expect(new Set(Object.values(UPGRADE_PATHS))).toEqual(sockets);
  });
});

describe('every role on every way of the admin listener', () => {
  test.each([...titled(ADMIN), ...titled(ADMIN_SOCKETS)])('%s', async (_, row, method) => {
    clock.advance(60_000); // 20 failures a minute are forgiven
    const { adminUrl = '' } = house.relay;
    expect(await found(row, method, adminUrl)).toEqual(row.codes);
  });

  test('each route that is served has its row', () => {
    const router = adminRoutes({
      rooms: unused,
      status: unused,
      health: unused,
      metrics: unused,
      timeline: unused,
      history: undefined,
      act: unused,
      revoke: unused,
      clock,
      log: new KeptLog(),
    });
    expect(missing(router, ADMIN)).toEqual([]);
    expect(missing(consoleRoutes(Assets.in(import.meta.dirname)), ADMIN)).toEqual([]);
  });
});

/** Ways of a router that no row speaks of. */
function missing(router: Pick<Router, 'stack'>, table: string): string[] {
  const rows = new Set(rowsOf(table).flatMap(({ methods, path }) => methods.map((one) => `${one} ${path}`)));
  const served = router.stack.flatMap(({ methods, path }) => methods.map((one) => `${one} ${String(path)}`));
  expect(served.length).toBeGreaterThan(3);
  return served.filter((way) => !rows.has(way));
}
