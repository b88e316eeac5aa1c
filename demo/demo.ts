import { readConfig, type Config } from '../relay/config/config.ts';
import { startRelay, type Relay, type RelayOptions } from '../relay/main.ts';
import { createAccount, type DemoAccount } from './account.ts';
import { demoPages } from './demo-pages.ts';
import { freePort } from './free-port.ts';
import type { Settings } from './simulator/options.ts';
import { startSimulator, type Simulator } from './simulator/simulator.ts';
import { productUpdate } from './voice/recording.ts';

/** What a demo can be told. */
export interface DemoOptions {
  /** Of the relay, on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** Settings of the relay beside the demo's own, by flag name: `linger-ms` to `500`. */
  relay?: Readonly<Record<string, string>>;
  simulator?: Partial<Settings>;
  parts?: RelayOptions;
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
}: DemoOptions): Promise<Demo> {
  const account = createAccount();
  const bound = port === 0 ? await freePort() : port;
  const url = `http://127.0.0.1:${bound}`;
  const simulator = await startSimulator({
    ...account,
    answerUrl: `${url}/vonage/answer`,
    eventUrl: `${url}/vonage/event`,
    ...settings,
  });
  simulator.play('product-update', productUpdate());
  try {
    const config = configFor(account, simulator.url, url, bound, flags);
    const relay = await startRelay(config, { extraPages: demoPages(simulator, url), ...parts });
    const close = async (): Promise<void> => {
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
      'vonage-from': '442079460000',
      'vonage-api-host': apiHost,
      rooms: JSON.stringify(ROOMS),
      ...flags,
    },
    env: {},
    fileText: undefined,
    readText: () => '',
  });
  if (reading.kind === 'config') return reading.config;
  throw new Error(reading.faults.map(({ name, detail }) => `${name} ${detail}`).join('; '));
}
