import { median } from './meter.ts';
import { sleep } from './monotonic.ts';
import { Stage, type Measured, type ServerName } from './stage.ts';

/** Rounds that each server's seconds are divided into, all servers in turn, so that noise hits every one. */
const ROUNDS = 3;
const WARM_UP_MS = 3000;

/** A server's figures: of its rounds the median, of counts the sum, of what makes them doubtful the maximum. */
export interface Run {
  server: ServerName;
  cpuUsPerDelivery: number;
  /** CPU per delivery over that of `naive` in the same round; null without it. */
  ratioToNaive: number | null;
  /** The same of each round: how far they differ says how noisy the machine was. */
  ratios: number[];
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
  /** p99 of each round. */
  p99sMs: number[];
  expected: number;
  received: number;
  missed: number;
  brokenSamples: number;
  unstamped: number;
  rssKbPerListener: number;
  /** Listeners that were not seated, all rounds: the server was overrun. */
  notSeated: number;
  joinSec: number;
  joinP99Ms: number;
  serverShare: number;
  loadShare: number;
  othersShare: number;
  publisherMaxLateMs: number;
}

interface Round extends Measured {
  cpuUsPerDelivery: number;
  rssKbPerListener: number;
  notSeated: number;
  joinSec: number;
  joinP99Ms: number;
  publisherMaxLateMs: number;
}

/** Measures all the servers under the same load. `onProgress` is told what comes next. */
export async function compare(
  servers: readonly ServerName[],
  listeners: number,
  seconds: number,
  onProgress: (line: string) => void,
): Promise<Run[]> {
  const rounds = new Map<ServerName, Round[]>(servers.map((server) => [server, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [server, done] of rounds) {
      onProgress(`round ${round} of ${ROUNDS}: ${server}`);
      done.push(await measureRound(server, listeners, (seconds * 1000) / ROUNDS));
    }
  }
  const naive = rounds.get('naive')?.map(({ cpuUsPerDelivery }) => cpuUsPerDelivery);
  return [...rounds].map(([server, done]) => summary(server, done, naive));
}

async function measureRound(server: ServerName, listeners: number, windowMs: number): Promise<Round> {
  const stage = await Stage.open(server);
  try {
    const rssBeforeKb = stage.rssKb;
    const { notSeated, joinSec, joinP99Ms } = await stage.join(listeners);
    await sleep(WARM_UP_MS);
    const rssAfterKb = stage.rssKb;
    const measured = await stage.measure(windowMs);
    const { maxLateMs } = await stage.publisher.ask('report', undefined);
    return {
      ...measured,
      notSeated,
      joinSec,
      joinP99Ms,
      cpuUsPerDelivery: measured.serverUs / measured.received,
      rssKbPerListener: (rssAfterKb - rssBeforeKb) / (listeners - notSeated),
      publisherMaxLateMs: maxLateMs,
    };
  } finally {
    await stage.close();
  }
}

function summary(server: ServerName, rounds: readonly Round[], naive: readonly number[] | undefined): Run {
  const of = (key: keyof Round) => rounds.map((round) => round[key]);
  const middle = (key: keyof Round) => median(of(key));
  const sum = (key: keyof Round) => of(key).reduce((total, value) => total + value, 0);
  const ratios = (naive ?? []).map((naiveUs, n) => (rounds[n]?.cpuUsPerDelivery ?? Number.NaN) / naiveUs);
  return {
    server,
    ratios,
    cpuUsPerDelivery: middle('cpuUsPerDelivery'),
    ratioToNaive: naive ? median(ratios) : null,
    p50Ms: middle('p50Ms'),
    p99Ms: middle('p99Ms'),
    p999Ms: middle('p999Ms'),
    maxMs: Math.max(...of('maxMs')),
    p99sMs: of('p99Ms'),
    expected: sum('expected'),
    received: sum('received'),
    missed: sum('missed'),
    brokenSamples: sum('brokenSamples'),
    unstamped: sum('unstamped'),
    rssKbPerListener: middle('rssKbPerListener'),
    notSeated: sum('notSeated'),
    joinSec: middle('joinSec'),
    joinP99Ms: middle('joinP99Ms'),
    serverShare: middle('serverShare'),
    loadShare: Math.max(...of('loadShare')),
    othersShare: Math.max(...of('othersShare')),
    publisherMaxLateMs: Math.max(...of('publisherMaxLateMs')),
  };
}
