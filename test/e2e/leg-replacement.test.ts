import { afterEach, expect, test } from 'vitest';
import { createAccount } from '../../demo/account.ts';
import { freePort } from '../../demo/free-port.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { startSimulator, type Simulator } from '../../demo/simulator/simulator.ts';
import { readConfig, type Config } from '../../relay/config/config.ts';
import { startRelay, type Relay } from '../../relay/main.ts';
import { endSampleOf } from '../../wire/chunk.ts';
import { Ear } from '../relay/house.ts';
import { until } from '../support/until.ts';
import { KeptLog } from '../support/quiet-log.ts';

const SOURCE = noise(11);
const RATE = 16_000;
const FRAME_SAMPLES = RATE / 50;

let simulator: Simulator | undefined;
let relay: Relay | undefined;

afterEach(async () => {
  await relay?.close();
  await simulator?.close();
});

/** A relay whose legs live 20 s and are replaced when they are 8; no setting would allow it. */
async function open(log: KeptLog): Promise<{ relay: Relay; simulator: Simulator }> {
  const account = createAccount();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  simulator = await startSimulator({ ...account, eventUrl: `${url}/vonage/event`, source: SOURCE });
  const reading = readConfig({
    flags: {
      port: String(port),
      'public-url': url,
      'ticket-secret': account.ticketSecret,
      'vonage-application-id': account.applicationId,
      'vonage-private-key': account.privateKey,
      'vonage-signature-secret': account.signatureSecret,
      'vonage-api-key': account.apiKey,
      'vonage-from': '442079460000',
      'vonage-api-host': simulator.url,
      'linger-ms': '500',
      rooms: JSON.stringify([{ id: 'allhands', silence: 'send' }]),
      history: 'false',
    },
    env: {},
    fileText: undefined,
    readText: () => '',
  });
  if (reading.kind === 'faults') throw new Error(JSON.stringify(reading.faults));
  const { vonage } = reading.config;
  if (!vonage) throw new Error('nobody is dialled');
  const config: Config = {
    ...reading.config,
    vonage: { ...vonage, lengthTimerSec: 20, replaceBeforeSec: 12 },
  };
  relay = await startRelay(config, { log });
  return { relay, simulator };
}

test('22 s by three legs of 20 s at most: a listener gets every sample that the platform sent, once', async () => {
  const log = new KeptLog();
  const { relay: running, simulator: platform } = await open(log);
  const ear = new Ear(`${running.url.replace('http', 'ws')}/v1/rooms/allhands/listen`, ['conf.v1'], {});
  await until('22 s have been heard', () => endOf(ear) >= 22 * RATE, 40_000);
  ear.socket.close();
  await until('the last leg is hung up', () =>
    platform.legs().every(({ closedAtMs }) => closedAtMs !== undefined),
  );

  const legs = platform.legs();
  const first = (legs[0]?.firstSourceFrame ?? 0) * FRAME_SAMPLES;
  let wrong = 0;
  let torn = 0;
  let next = 0;
  for (const [n, { firstSample, gapBefore, pcm, sequence }] of ear.chunks.entries()) {
    if (firstSample !== next || gapBefore || sequence !== n) torn++;
    const samples = new Int16Array(Uint8Array.from(pcm).buffer);
    next = firstSample + samples.length;
    samples.forEach((sample, at) => (wrong += sample === sampleAt(first + firstSample + at) ? 0 : 1));
  }
  expect([torn, wrong]).toEqual([0, 0]);
  expect(new Set(ear.chunks.map(({ epoch }) => epoch)).size).toBe(1);
  expect(legs.map(({ hangUps, receivedBytes }) => [hangUps, receivedBytes])).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
  expect(log.of('leg.replaced').map(({ by }) => by)).toEqual(['sound', 'sound']);
  expect(log.complaints).toEqual([]);
  console.log(
    `legs lay apart by ${log
      .of('leg.replaced')
      .map(({ lagMs }) => String(lagMs))
      .join(' and ')} ms`,
  );
}, 60_000);

function endOf({ chunks }: Ear): number {
  const last = chunks.at(-1);
  return last ? endSampleOf(last) : 0;
}

let frame: { index: number; samples: Int16Array } | undefined;

function sampleAt(sample: number): number | undefined {
  const index = Math.floor(sample / FRAME_SAMPLES);
  if (frame?.index !== index) frame = { index, samples: SOURCE.frameAt(index, RATE) };
  return frame.samples[sample % FRAME_SAMPLES];
}
