import { Tickets } from '../relay/access/tickets.ts';
import { readConfig, type Config } from '../relay/config/config.ts';
import { startRelay, type Relay, type RelayOptions } from '../relay/main.ts';
import { createAccount, type DemoAccount } from './account.ts';
import { CaptionPoster } from './caption-poster.ts';
import { demoPages } from './demo-pages.ts';
import { freePort } from './free-port.ts';
import { CaptionScript } from './simulator/caption-script.ts';
import { systemClock } from './simulator/clock.ts';
import type { Settings } from './simulator/options.ts';
import { startSimulator, type Simulator } from './simulator/simulator.ts';
import { allHands, productUpdate } from './voice/recording.ts';

/** What a demo can be told. */
export interface DemoOptions {
  /** Of the relay, on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** Settings of the relay beside the demo's own, by flag name: `linger-ms` to `500`. */
  relay?: Readonly<Record<string, string>>;
  simulator?: Partial<Settings>;
  parts?: RelayOptions;
  /** Whether what is said in the rooms is written down. Default true; false for who counts messages. */
  captions?: boolean;
}

/** A relay with a simulated phone platform behind it, and pages in front. */
export interface Demo {
  url: string;
  relay: Relay;
  simulator: Simulator;
  account: DemoAccount;
  close(): Promise<void>;
}

const ROOMS = [
  { id: 'allhands', title: 'All hands', number: '442079460001', showListeners: true },
  { id: 'product-update', title: 'Product update', number: '442079460002', showListeners: true },
];

/** Starts both; nothing outside this machine is called. */
export async function startDemo({
  port,
  relay: flags = {},
  simulator: settings,
  parts,
  captions = true,
}: DemoOptions): Promise<Demo> {
  const account = createAccount();
  const bound = port === 0 ? await freePort() : port;
  const url = `http://127.0.0.1:${bound}`;
  const [meeting, talk] = [allHands(), productUpdate()];
  const simulator = await startSimulator({
    ...account,
    answerUrl: `${url}/vonage/answer`,
    eventUrl: `${url}/vonage/event`,
    source: meeting,
    ...settings,
  });
  simulator.play('product-update', talk);
  const written = new Map([['product-update', talk]]);
  if (!settings?.source) written.set('allhands', meeting);
  try {
    const config = configFor(account, simulator.url, url, bound, flags);
    const relay = await startRelay(config, { extraPages: demoPages(simulator, url), ...parts });
    const poster = new CaptionPoster(url, new Tickets(config.tickets, parts?.clock));
    const script = new CaptionScript({
      tracks: captions ? written : new Map(),
      legs: () => simulator.legs(),
      send: (conversation, caption) => poster.post(conversation, caption),
      clock: settings?.clock ?? systemClock,
    });
    const close = async (): Promise<void> => {
      script.close();
      poster.close();
      await relay.close();
      await simulator.close();
    };
    return { url, relay, simulator, account, close };
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

function configFor(
  account: DemoAccount,
  apiHost: string,
  publicUrl: string,
  port: number,
  flags: Readonly<Record<string, string>>,
): Config {
  const reading = readConfig({
    flags: {
      port: String(port),
      'public-url': publicUrl,
      'ticket-secret': account.ticketSecret,
      'vonage-application-id': account.applicationId,
      'vonage-private-key': account.privateKey,
      'vonage-signature-secret': account.signatureSecret,
      'vonage-api-key': account.apiKey,
      'vonage-api-secret': account.apiSecret,
      'vonage-from': '442079460000',
      'vonage-api-host': apiHost,
      'vonage-rest-host': apiHost,
      rooms: JSON.stringify(ROOMS),
      history: 'false',
      ...flags,
    },
    env: {},
    fileText: undefined,
    readText: () => '',
  });
  if (reading.kind === 'config') return reading.config;
  throw new Error(reading.faults.map(({ name, detail }) => `${name} ${detail}`).join('; '));
}
