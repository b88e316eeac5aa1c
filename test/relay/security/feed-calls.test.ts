import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAccount } from '../../../demo/account.ts';
import { startDemo } from '../../../demo/demo.ts';
import { freePort } from '../../../demo/free-port.ts';
import type { Settings } from '../../../demo/simulator/options.ts';
import { startSimulator, type Simulator } from '../../../demo/simulator/simulator.ts';
import { LegTickets } from '../../../relay/access/leg-tickets.ts';
import { readConfig } from '../../../relay/config/config.ts';
import { startRelay } from '../../../relay/main.ts';
import { until } from '../../support/until.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';
import { Witness } from '../../support/witness.ts';
import { House } from '../house.ts';
import { HandPlatform } from './hand-platform.ts';

const DIST = join(import.meta.dirname, '../../../dist');
const CLI = join(DIST, 'relay/cli.js');
const LISTENERS = 1000;

/** Calls that the platform was asked for. */
function placed(simulator: Simulator): number {
  return simulator.requests().filter(({ method, path }) => method === 'POST' && path === '/v1/calls').length;
}

/** Resolves when the relay that has started knows which calls live: it asks for started, ringing, answered. */
function lookedForOrphans(simulator: Simulator): Promise<true> {
  const lists = () => simulator.requests().filter(({ path }) => path.startsWith('/v1/calls?'));
  return until('the relay has looked for orphans', () => lists().length === 3);
}

test('1000 first listeners at once: exactly one call, and all of them hear it', async () => {
  const demo = await startDemo({
    port: 0,
    relay: { 'limits-joins-per-sec': '10000' },
    parts: { log: new KeptLog(), assetsDir: join(DIST, 'component') },
  });
  await lookedForOrphans(demo.simulator);
  demo.simulator.inject({ kind: 'slowApi', byMs: 1000 });
  const listeners = Array.from({ length: LISTENERS }, () => new Witness(demo.url, 'allhands'));
  await until('all hear', () => listeners.every(({ sequences }) => sequences.length > 0), 20_000);
  expect(listeners.filter(({ closeCode }) => closeCode !== undefined)).toEqual([]);
  expect([placed(demo.simulator), demo.simulator.legs().length]).toEqual([1, 1]);
  for (const { socket } of listeners) socket.terminate();
  await demo.close();
}, 40_000);

/** A relay in a process of its own that is killed in the moment in which the platform has made its call. */
async function killedRelay(settings: Partial<Settings>) {
  const account = createAccount();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const simulator = await startSimulator({ ...account, eventUrl: `${url}/vonage/event`, ...settings });
  const env = {
    CONF_PORT: String(port),
    CONF_PUBLIC_URL: url,
    CONF_ROOMS: JSON.stringify([{ id: 'allhands', silence: 'send' }]),
    CONF_VONAGE_APPLICATION_ID: account.applicationId,
    CONF_VONAGE_PRIVATE_KEY: account.privateKey,
    CONF_VONAGE_SIGNATURE_SECRET: account.signatureSecret,
    CONF_VONAGE_API_KEY: account.apiKey,
    CONF_VONAGE_FROM: '442079460000',
    CONF_VONAGE_API_HOST: simulator.url,
  };
  const child: ChildProcess = spawn(process.execPath, [CLI, 'serve'], { env: { ...process.env, ...env } });
  const exited = once(child, 'exit');
  await lookedForOrphans(simulator);
  // The platform tells this before it writes its answer: the call is made, and nobody will know its name.
  const forget = simulator.onEvent((event) => {
    if (event.kind === 'rest' && event.method === 'POST') child.kill('SIGKILL');
  });
  const listener = new Witness(url, 'allhands');
  await Promise.all([exited, listener.closed()]);
  forget();
  expect([placed(simulator), simulator.legs().length]).toEqual([1, 1]);
  return { env, simulator, url };
}

/** The same relay anew, and a listener of it who hears. */
async function restarted({ env, url }: Awaited<ReturnType<typeof killedRelay>>) {
  const reading = readConfig({ flags: {}, env, fileText: undefined, readText: () => '' });
  if (reading.kind === 'faults') throw new Error(JSON.stringify(reading.faults));
  const log = new KeptLog();
  const relay = await startRelay(reading.config, { log, assetsDir: join(DIST, 'component') });
  const listener = new Witness(url, 'allhands');
  await until('it hears', () => listener.sequences.length > 3, 15_000);
  return { listener, log, relay };
}

test.each([
  // The leg arrives before the platform would hang up; the platform hangs up before the leg would arrive.
  ['refused at the door with 401', { answerDelayMs: 1500, settleMs: 4000 }, 401, 0],
  ['hung up by name', { answerDelayMs: 3000, settleMs: 500 }, undefined, 1],
])(
  'a relay killed between "call created" and "uuid stored" leaves a leg that is, after a restart, %s; one leg remains',
  async (_, settings, refusedStatus, hangUps) => {
    const killed = await killedRelay(settings);
    const { simulator } = killed;
    const talker = simulator.phone({ conversation: 'allhands' });
    const { listener, log, relay } = await restarted(killed);
    const [orphan, leg, ...more] = simulator.legs();
    expect(orphan).toMatchObject({ refusedStatus, hangUps, openedAtMs: undefined });
    expect(leg).toMatchObject({ status: 'answered', hangUps: 0, refusedStatus: undefined });
    expect([more, placed(simulator)]).toEqual([[], 2]);
    expect(log.of('orphan.found')).toEqual([
      { level: 'warn', event: 'orphan.found', room: 'allhands', leg: orphan?.uuid },
    ]);
    expect([listener.holes, talker.conversation]).toEqual([0, 'allhands']);
    await relay.close();
    await simulator.close();
  },
  40_000,
);

test('of 4 calls that live when a relay starts, its own new one, another application’s and a person’s are left alone', async () => {
  const platform = await HandPlatform.open();
  const strange = new LegTickets().issue(roomId('allhands'), 1, 0);
  platform.live = async () => {
    const own = await platform.call(0);
    return [
      { uuid: own.legId, to: { type: 'websocket', uri: `wss://relay.example${own.path}` } },
      {
        uuid: 'orphan',
        to: [{ type: 'websocket', uri: `wss://relay.example/vonage/leg/allhands/${strange}` }],
      },
      { uuid: 'other', to: { type: 'websocket', uri: `wss://other.example/vonage/leg/allhands/${strange}` } },
      { uuid: 'person', to: { type: 'phone', number: '442079460018' } },
    ];
  };
  const house = await House.open({ settings: platform.settings });
  const ear = await house.listen();
  await until('one is hung up', () => platform.hungUp.length > 0);
  expect((await platform.dial(house, (await platform.call(0)).path)).refusedWith).toBeUndefined();
  const found = { level: 'warn', event: 'orphan.found', room: 'allhands', leg: 'orphan' };
  expect([platform.hungUp, house.log.of('orphan.found')]).toEqual([['orphan'], [found]]);
  expect(JSON.stringify(house.log.lines)).not.toContain(strange);
  await Promise.all([house.close(), ear.end()]);
  await platform.close();
});
