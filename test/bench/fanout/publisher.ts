import { FRAME_MS } from '../../../wire/format.ts';
import { WebSocket } from 'ws';
import { answer } from './child.ts';
import { monotonicUs, sleep } from './monotonic.ts';
import { SAMPLE_RATE, stampedFrame } from './workload.ts';

const RETRY_MS = 100;

/** How the publisher kept its pace. */
export interface PublisherReport {
  /** Connections that were opened. */
  connects: number;
  /** The most a frame was late. */
  maxLateMs: number;
}

/** What the publisher does when asked. */
export interface PublisherAsks {
  /** Begins, and from then on sends a frame every 20 ms; resolves at the first. */
  publish(given: { url: string; ticket: string }): Promise<void>;
  /** Breaks the connection; the next one is opened at once. */
  drop(given: void): Promise<void>;
  report(given: void): Promise<PublisherReport>;
}

/** Runs the publisher process. */
export function runPublisher(): void {
  const report: PublisherReport = { connects: 0, maxLateMs: 0 };
  let socket: WebSocket | undefined;

  const keepConnected = async (url: string, ticket: string): Promise<void> => {
    for (;;) {
      await new Promise<void>((resolve) => {
        const next = new WebSocket(url, {
          headers: { Authorization: `Bearer ${ticket}` },
          perMessageDeflate: false,
        });
        next.on('error', () => {}); // `close` follows
        next.once('open', () => {
          report.connects++;
          next.send(`{"event":"websocket:connected","content-type":"audio/l16;rate=${SAMPLE_RATE}"}`);
          socket = next;
        });
        next.once('close', () => {
          socket = undefined;
          resolve();
        });
      });
      await sleep(RETRY_MS);
    }
  };

  const pace = async (): Promise<void> => {
    const startUs = monotonicUs();
    for (let frame = 0; ; frame++) {
      const dueUs = startUs + frame * FRAME_MS * 1000;
      while (monotonicUs() < dueUs) await sleep((dueUs - monotonicUs()) / 1000);
      const nowUs = monotonicUs();
      report.maxLateMs = Math.max(report.maxLateMs, (nowUs - dueUs) / 1000);
      if (socket) socket.send(stampedFrame(nowUs));
    }
  };

  answer<PublisherAsks>({
    publish: async ({ url, ticket }) => {
      void keepConnected(url, ticket);
      while (report.connects === 0) await sleep(1);
      void pace();
    },
    drop: async () => socket?.terminate(),
    report: async () => report,
  });
}
