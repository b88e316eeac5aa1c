import { expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';

const KEY = 'an admin key of thirty-two letters';

test('a scrape of a running relay: 2 listeners hear a second, a third asks for a room that is not there', async () => {
  const house = await House.open({ settings: { admin: { key: KEY, port: 0 } } });
  try {
    const mouth = await house.publish();
    const ears = [await house.listen(), await house.listen()];
    await house.listen('nowhere');
    for (let frame = 0; frame < 50; frame++) mouth.speak(20);
    await until('both have heard ten chunks', () => ears.every(({ chunks }) => chunks.length >= 10));
    const ask = (headers: Record<string, string>) =>
      fetch(new URL('/metrics', house.relay.adminUrl), { headers });
    expect((await ask({})).status).toBe(401);
    const answer = await ask({ Authorization: `Bearer ${KEY}` });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await answer.text()).split('\n');
    const valueOf = (series: string) =>
      Number(lines.find((line) => line.startsWith(`${series} `))?.split(' ')[1]);
    expect(valueOf('conf_ready')).toBe(1);
    expect(valueOf('conf_listeners{transport="websocket"}')).toBe(2);
    expect(valueOf('conf_listeners_peak')).toBe(2);
    expect(valueOf('conf_rooms{state="live"}')).toBe(1);
    expect(valueOf('conf_joins_total')).toBe(2);
    // It is told what is said of a private room, too.
    expect(valueOf('conf_joins_rejected_total{reason="ticket-refused"}')).toBe(1);
    expect(valueOf('conf_ingest_frames_total')).toBe(50);
    expect(valueOf('conf_ingest_bytes_total')).toBe(50 * 640);
    expect(valueOf('conf_chunks_sent_total')).toBe(20);
    expect(valueOf('conf_bytes_sent_total')).toBe(20 * (76 + 3200));
    expect(valueOf('conf_delivery_seconds_count')).toBe(10);
    expect(valueOf('process_open_fds')).toBeGreaterThan(4);
    expect(lines.some((line) => line.startsWith('conf_history_up '))).toBe(false);
  } finally {
    await house.close();
  }
});
