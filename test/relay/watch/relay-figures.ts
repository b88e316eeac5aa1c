import type { OperatedRoom, RelayStatus } from '../../../relay/relay-status.ts';
import type { RelayCounts } from '../../../relay/watch/collected.ts';
import { Metrics, type MetricsParts } from '../../../relay/watch/metrics.ts';
import { liveRoom, relayStatus } from '../../support/relay-status.ts';

/** A live room with seven listeners and a leg that has two minutes left. */
export function room(changes: Partial<OperatedRoom> = {}): OperatedRoom {
  return liveRoom('allhands', {
    listeners: { now: 7, peak: 9, byTransport: { websocket: 4, stream: 1, poll: 2, wav: 0 } },
    rttMs: { p50: 20, p95: 80 },
    leg: { legId: 'leg-1', epoch: 5, ageSec: 7080, endsInSec: 120, sound: 'speech', levelDbfs: -20 },
    ...changes,
  });
}

/** A relay that does well, with that room. */
export function status(changes: Partial<RelayStatus> = {}): RelayStatus {
  return relayStatus({
    listeners: { now: 7, peak: 9, byTransport: { websocket: 4, stream: 1, poll: 2, wav: 0 }, limit: 5000 },
    historyBytes: 4096,
    rooms: [room()],
    ...changes,
  });
}

/** What such a relay has counted. */
export function counts(changes: Partial<RelayCounts> = {}): RelayCounts {
  return {
    ingest: { frames: 3000, bytes: 1_920_000 },
    sent: { chunks: 4200, bytes: 13_759_200, leftOut: 12 },
    slow: { skipped: 3, closed: 2, cut: 1 },
    historyDropped: 0,
    ...changes,
  };
}

/** Metrics of that relay. */
export function metricsOf(parts: Partial<MetricsParts> = {}): Metrics {
  return new Metrics({
    version: '1.2.3',
    perRoom: true,
    status: () => status(),
    counts: () => counts(),
    files: () => ({ open: 120, limit: 20_000 }),
    ...parts,
  });
}
