import { Auth } from '@vonage/auth';
import { Vonage } from '@vonage/server-sdk';
import { afterEach, expect, test } from 'vitest';
import { account, setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

/** The real SDK, with the API key and secret that these two APIs want. */
function sdk({ simulator }: Stage, apiSecret = account.apiSecret): Vonage {
  const hosts = { apiHost: simulator.url, restHost: simulator.url, timeout: 5000 };
  return new Vonage(new Auth({ apiKey: account.apiKey, apiSecret }), hosts);
}

test('the SDK reads the application: 2 webhooks, signed callbacks, region', async () => {
  stage = await setStage({ region: 'apac-sng' });
  const { id, capabilities } = await sdk(stage).applications.getApplication(account.applicationId);
  expect(id).toBe(account.applicationId);
  expect(capabilities?.voice).toMatchObject({
    region: 'apac-sng',
    signedCallbacks: true,
    webhooks: {
      answerUrl: { address: stage.relay.answerUrl, httpMethod: 'GET' },
      eventUrl: { address: stage.relay.eventUrl, httpMethod: 'POST' },
    },
  });
});

test('of another application it is told 404, and with a wrong secret 401', async () => {
  stage = await setStage();
  const { applications } = sdk(stage);
  const stranger = sdk(stage, 'wrong');
  for (const [asked, status] of [
    [applications.getApplication('another'), 404],
    [stranger.applications.getApplication(account.applicationId), 401],
    [stranger.numbers.getOwnedNumbers(), 401],
  ] as const) {
    await expect(asked).rejects.toMatchObject({ response: { status } });
  }
});

test('the SDK lists its 3 numbers, 2 a page; another application has 0', async () => {
  stage = await setStage({ numbers: ['442079460000', '442079460001', '442079460002'] });
  const { applicationId } = account;
  const { numbers } = sdk(stage);
  const pages = [
    await numbers.getOwnedNumbers({ applicationId, size: 2, index: 1 }),
    await numbers.getOwnedNumbers({ applicationId, size: 2, index: 2 }),
  ];
  expect(pages.map(({ count, numbers: owned }) => [count, owned?.map(({ msisdn }) => msisdn)])).toEqual([
    [3, ['442079460000', '442079460001']],
    [3, ['442079460002']],
  ]);
  expect((await numbers.getOwnedNumbers({ applicationId: 'another' })).numbers).toBeUndefined();
});

test('a clock 10 minutes behind says so in Date, and refuses a token of a time to come', async () => {
  stage = await setStage({ clockSkewSec: -600 });
  const { headers } = await fetch(`${stage.simulator.url}/v1/calls`);
  const skewMs = Date.parse(headers.get('date') ?? '') - Date.now();
  expect(Math.round(skewMs / 10_000)).toBe(-60);
  await expect(stage.vonage.voice.getCallsPage({})).rejects.toMatchObject({ response: { status: 401 } });
});
