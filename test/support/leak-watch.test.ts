import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { problem, problemBody } from '../../relay/errors.ts';
import { createLog } from '../../relay/log.ts';
import { Ear } from '../relay/house.ts';
import { until } from './until.ts';
import { leakWatch } from './leak-watch.ts';
import { KeptLog } from './quiet-log.ts';
import { ticketsBy } from './tickets.ts';

const ADMIN_KEY = 'the-key-of-operators-4711-and-no-one-else';
const CALLER = '4915112345678';
const ROOMS = [
  { id: 'board', number: '442079460003', pin: '864209', hostPin: '975310' },
  { id: 'side', access: 'ticket' },
];

let demo: Demo;
let ticket = '';
let legPath = '';
beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: {
      rooms: JSON.stringify(ROOMS),
      'log-level': 'silent',
      'admin-key': ADMIN_KEY,
      'admin-port': '0',
      'linger-ms': '500',
    },
    simulator: { talkMsPerCharacter: 0, settleMs: 0 },
  });
  ticket = await ticketsBy(demo.account.ticketSecret).issue(['side'], 'listen', 60);
  const room = `${demo.url.replace('http', 'ws')}/v1/rooms/side/listen`;
  const ear = new Ear(room, ['conf.v1', `bearer.${ticket}`], {});
  const leg = await demo.simulator.waitForLeg('answered');
  legPath = leg.uri;
  const phone = demo.simulator.phone({ number: '442079460003', from: CALLER });
  await until('the caller is asked', () => phone.phase === 'input');
  phone.digits('53197#');
  await until('the caller is asked again', () => phone.heard().length === 2);
  phone.leave();
  ear.socket.close();
}, 30_000);
afterAll(() => demo?.close());

/** Secrets of one run of the demo, by kind and name. */
function secrets(): [string, string][] {
  const { privateKey, signatureSecret, ticketSecret } = demo.account;
  const webhook = demo.simulator.webhooks().find(({ body }) => body.includes('dtmf'));
  return [
    ['secret in private key', privateKey.split('\n')[3] ?? ''],
    ['secret in signature secret', signatureSecret],
    ['secret in ticket secret', ticketSecret],
    ['secret in admin key', ADMIN_KEY],
    ['ticket in ticket', ticket.split('.')[2] ?? ''],
    ['ticket in leg ticket', legPath.split('/').at(-1) ?? ''],
    ['ticket in signature of a webhook', webhook?.token.split('.')[2] ?? ''],
    ['code in PIN', '864209'],
    ['code in host PIN', '975310'],
    ['code in keyed in', '53197'],
    ['number in number of the caller', CALLER],
    ['number in number of the room', '442079460003'],
    ['number in number of the relay', '442079460000'],
  ];
}

describe('P25: a secret is found', () => {
  test('0 times in what the relay itself has told, in 1 relay, 10 lines or more', () => {
    const { relays, lines, secrets: learnt } = leakWatch.counts;
    expect([relays, lines >= 10, learnt.secret > 3, learnt.ticket > 3]).toEqual([1, true, true, true]);
    expect(leakWatch.takeLeaks()).toEqual([]);
  });

  test('13 of 13 times in a log that keeps its lines, and in one of level silent', () => {
    for (const log of [new KeptLog(), createLog('silent')]) {
      for (const [name, secret] of secrets())
        log.debug(name.replace(/^.* in /, ''), { message: `it is ${secret}` });
      expect(leakWatch.takeLeaks()).toEqual(secrets().map(([name]) => `${name} at message`));
    }
  });

  test('in a line of another process', async () => {
    const line = JSON.stringify({ event: 'child.leaks', ticket });
    const child = spawn(process.execPath, ['--eval', `console.log(${JSON.stringify(line)})`]);
    await once(child, 'close');
    expect(leakWatch.takeLeaks()).toEqual(['ticket in child.leaks at ticket']);
  });

  test('in a problem that a client is told, and in the reason for a close', () => {
    problemBody(problem('bad-request', `not a ticket: ${ticket}`));
    const { socket } = new Ear(`${demo.url.replace('http', 'ws')}/v1/rooms/board/listen`, ['conf.v1'], {});
    socket.close(4000, `PIN 864209`);
    expect(leakWatch.takeLeaks()).toEqual([
      'ticket in a problem bad-request at body',
      'code in a close 4000 at reason',
    ]);
  });
});
