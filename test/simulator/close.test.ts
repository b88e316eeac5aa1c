import { expect, test } from 'vitest';
import { startSimulator } from '../../demo/simulator/simulator.ts';
import { until } from '../support/until.ts';
import { account, setStage } from '../support/stage.ts';

/** Sockets, servers and timers that keep the process alive, by kind. */
function openHandles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|Timeout/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

test('close in the middle of everything leaves 0 timers and no socket, and says nothing to the relay', async () => {
  const stage = await setStage({ answerDelayMs: 20, talkMsPerCharacter: 1000 });
  const { simulator, relay } = stage;
  await stage.dial({ lengthTimer: 7200 });
  await simulator.waitForLeg((leg) => leg.sent > 5);
  simulator.inject({ kind: 'webhookDelay', byMs: 60_000 });
  await stage.dial({ ncco: [{ action: 'talk', text: 'Please wait' }] });
  simulator.inject({ kind: 'stall', forMs: 60_000, backlog: 'burst' });
  simulator.phone({ conversation: 'allhands' });
  relay.reply = () => ({ status: 503 });
  const hooks = relay.hooks.length;
  await simulator.close();
  expect(simulator.pendingTimers()).toBe(0);
  await until('the relay saw the socket go', () => relay.legs[0]?.closeCode !== undefined);
  expect(relay.legs[0]?.closeCode).toBe(1006);
  expect(relay.statuses()).not.toContain('completed');
  expect(relay.hooks.length).toBeLessThanOrEqual(hooks + 2);
  await stage.close();
  await until(
    'every handle is gone',
    () => !('TCPSocketWrap' in openHandles()) && !('TCPServerWrap' in openHandles()),
  );
});

test('a simulator can be started and closed 5 times on one port', async () => {
  const first = await startSimulator(account);
  const port = Number(new URL(first.url).port);
  await first.close();
  for (let n = 0; n < 4; n++) {
    const next = await startSimulator({ ...account, port });
    expect(new URL(next.url).port).toBe(String(port));
    await next.close();
  }
});

test('a taken port is refused with EADDRINUSE, and a key that is none with an error', async () => {
  const first = await startSimulator(account);
  const port = Number(new URL(first.url).port);
  await expect(startSimulator({ ...account, port })).rejects.toThrow('EADDRINUSE');
  await first.close();
  await expect(startSimulator({ ...account, publicKeyPem: 'no key' })).rejects.toThrow();
});

test('waitForLeg gives up after 50 ms and says what the legs are doing', async () => {
  const stage = await setStage();
  await stage.dial();
  await stage.simulator.waitForLeg('answered');
  await expect(stage.simulator.waitForLeg('failed', 50)).rejects.toThrow(
    'no leg met failed within 50 ms; legs: started > ringing > answered',
  );
  await stage.close();
});
