import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House, upgradeRequest, type Ear } from '../house.ts';
import { vonageSettings } from './vonage-settings.ts';

let house: House;
/** Sits in the room all the time. */
let bystander: Ear;
const prototypeBefore = Object.getOwnPropertyNames(Object.prototype);
beforeAll(async () => {
  house = await House.open({ settings: vonageSettings() });
  bystander = await house.listen();
});
afterAll(async () => {
  expect([bystander.closed, house.relay.listeners()]).toEqual([undefined, 1]);
  expect(house.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototypeBefore);
  await house.close();
});

/** Names that are none. */
const BAD = [
  '..',
  '.',
  '%2e%2e%2f',
  '%2e%2e%5c',
  '..%2fallhands',
  '%00',
  'allhands%00',
  '__proto__',
  'a'.repeat(65),
  '%D0%B0llhands', // а, Cyrillic
  '%EF%BD%81llhands', // ａ, full width
  'allhand%C5%BF', // ſ, which is an s in upper case
  'allhands%0d%0aX-Injected:%20yes',
  'allhands%20',
  'allhands%2flisten',
  'ALLHANDS',
  '*',
  '>',
  'allhands.*',
  '%',
  '%zz',
  '-a',
  'a_b',
];
/** Names that nobody has, though every object in JavaScript has something of this name. */
const UNKNOWN = ['constructor', 'prototype', 'valueof', 'nobody'];

const PATHS = (name: string): string[] => [
  `/v1/rooms/${name}`,
  `/v1/rooms/${name}/stream`,
  `/v1/rooms/${name}/stream.wav`,
  `/v1/rooms/${name}/chunks?listener=a-listener-that-polls`,
  `/listen/${name}`,
  `/embed/${name}`,
];
const UPGRADES = (name: string): string[] => [
  `/v1/rooms/${name}/listen`,
  `/ingest/${name}`,
  `/vonage/leg/${name}/ticket`,
];

/** The relay's word on a request: the status of a refusal, or the close code that follows an upgrade. */
async function verdict(bytes: string): Promise<number> {
  const socket = connect({ port: house.port, host: '127.0.0.1' });
  let heard = '';
  socket.on('data', (part: Buffer) => (heard += part.toString('latin1')));
  socket.on('error', () => {});
  socket.write(bytes);
  const word = (): number | undefined => {
    const [head = '', rest = ''] = heard.split('\r\n\r\n', 2);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (status !== 101) return Number.isNaN(status) ? undefined : status;
    return rest.startsWith('\x88') && rest.length >= 4
      ? Buffer.from(rest, 'latin1').readUInt16BE(2)
      : undefined;
  };
  await until('the relay has said something', () => word() !== undefined);
  socket.destroy();
  expect(heard).not.toMatch(/^x-injected/im);
  return word() ?? 0;
}

const asked = (path: string): Promise<number> => verdict(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
const upgraded = (path: string): Promise<number> => verdict(upgradeRequest(path));

describe('P21: a room id that is none is refused on every way', () => {
  test.each(BAD)('"%s": 400 on 6 paths, 4400, 400 and 401 or 404 on 3 upgrades', async (name) => {
    for (const path of PATHS(name)) expect([path, await asked(path)]).toEqual([path, 400]);
    const [listen, ingest, leg] = await Promise.all(UPGRADES(name).map(upgraded));
    expect([listen, ingest]).toEqual([4400, 400]);
    expect(leg).toBe(401);
  });

  test.each(['>', '"', '<', '\\', '|'])('%j as it is: 400', async (name) => {
    expect(await asked(`/v1/rooms/${name}`)).toBe(400);
    expect(await upgraded(`/v1/rooms/${name}/listen`)).toBe(4400);
  });

  test.each(UNKNOWN)(
    '"%s", which nobody has, is what a room with tickets is: 401, and its pages empty',
    async (name) => {
      for (const path of PATHS(name))
        expect([path, await asked(path)]).toEqual([path, await asked(asBoard(path))]);
      for (const path of UPGRADES(name)) {
        const told = await upgraded(path);
        expect([path, told]).toEqual([path, await upgraded(asBoard(path))]);
        expect([401, 4401]).toContain(told);
      }

      function asBoard(path: string): string {
        return path.replace(name, 'board');
      }
    },
  );

  test('two slashes, or none, name no room: 404', async () => {
    for (const path of ['/v1/rooms/', '/v1/rooms//stream', '/listen/', '/embed//'])
      expect([400, 404]).toContain(await asked(path));
    expect(await upgraded('/v1/rooms/allhands/../side/listen')).toBe(404);
  });
});
