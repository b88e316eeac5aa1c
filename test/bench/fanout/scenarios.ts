import type { JoinReport } from './crowd.ts';
import { handles, tcpMemoryKb } from './machine.ts';
import { monotonicUs, sleep } from './monotonic.ts';
import { RelayProcess } from './relay-process.ts';
import { soak } from './soak.ts';
import { Stage } from './stage.ts';
import type { LoopDelays } from './watched-relay.ts';

/** Troubles the relay is put into. */
export const SCENARIOS = ['frozen', 'churn', 'restart', 'join', 'soak'] as const;

/** One of {@link SCENARIOS}. */
export type ScenarioName = (typeof SCENARIOS)[number];

/** Figures by name; the unit ends the name. */
export type ScenarioFigures = Readonly<Record<string, number>>;

const FROZEN_SHARE = 0.05;
const CONTROL_MS = 5000;
const THAW_MS = 10_000;
const WARM_UP_MS = 3000;
const CHURN_AT_ONCE = 200;
const FIRST_CHURN = 2000;
const FIRST_SHARE = 0.1;
const RETURN_TIMEOUT_MS = 90_000;
/** While all come back with their tickets, the event loop may be so late. */
const ASKED_LOOP_P99_MS = 50;

/** How a scenario is played. */
export interface ScenarioWishes {
  listeners: number;
  seconds: number;
  /** The room wants tickets, and every listener has its own. */
  tickets: boolean;
}

/** Plays one scenario against a relay that tells more about itself than an ordinary one. */
export async function play(name: ScenarioName, wishes: ScenarioWishes): Promise<ScenarioFigures> {
  const { listeners, tickets } = wishes;
  const relay = await RelayProcess.start({ watched: true, tickets: tickets ? listeners : 0 });
  const stage = await Stage.over(relay);
  try {
    return await PLAYS[name]({ relay, stage, ...wishes });
  } finally {
    await stage.close();
  }
}

interface Scene extends ScenarioWishes {
  relay: RelayProcess;
  stage: Stage;
}

const PLAYS: Readonly<Record<ScenarioName, (scene: Scene) => Promise<ScenarioFigures>>> = {
  frozen,
  churn,
  restart,
  join,
  soak,
};

/** Some stop reading for a while; the others must not notice. */
async function frozen({ relay, stage, listeners, seconds }: Scene): Promise<ScenarioFigures> {
  const count = Math.ceil(listeners * FROZEN_SHARE);
  await seat(stage, listeners);
  await sleep(WARM_UP_MS);
  const control = await stage.measure(CONTROL_MS);
  await relay.settle();
  const rssBeforeKb = stage.rssKb;
  const tcpBeforeKb = tcpMemoryKb();
  const handlesBefore = handles(stage.serverPid);
  await stage.load.ask('freeze', { count });
  const meanwhile = await stage.measure(seconds * 1000);
  const tcpAfterKb = tcpMemoryKb();
  const closed = handlesBefore - handles(stage.serverPid);
  await relay.settle();
  const rssAfterKb = stage.rssKb;
  const { cut, jumped } = await stage.load.ask('thaw', { count, waitMs: THAW_MS });
  return {
    frozen: count,
    frozenSec: seconds,
    controlP99Ms: control.p99Ms,
    controlMaxMs: control.maxMs,
    othersP99Ms: meanwhile.p99Ms,
    othersMaxMs: meanwhile.maxMs,
    othersMissed: meanwhile.missed,
    p99Ratio: meanwhile.p99Ms / control.p99Ms,
    rssKbPerFrozen: (rssAfterKb - rssBeforeKb) / count,
    kernelKbPerFrozen: (tcpAfterKb - tcpBeforeKb) / count,
    closedWhileFrozen: closed,
    cutAfterThaw: cut,
    jumpedAfterThaw: jumped,
    heardAllLate: count - cut - jumped,
    loadShare: Math.max(control.loadShare, meanwhile.loadShare),
  };
}

/** As many as `listeners` come and go; nothing of them must stay. */
async function churn({ relay, stage, listeners }: Scene): Promise<ScenarioFigures> {
  const given = { target: stage.target, atOnce: CHURN_AT_ONCE };
  await stage.load.ask('churn', { ...given, count: FIRST_CHURN });
  await relay.settle();
  const rssBeforeKb = stage.rssKb;
  const handlesBefore = handles(stage.serverPid);
  const startUs = monotonicUs();
  const faults = await stage.load.ask('churn', { ...given, count: listeners });
  const tookSec = (monotonicUs() - startUs) / 1e6;
  const rssRightAfterKb = stage.rssKb;
  await relay.settle();
  const rssAfterKb = stage.rssKb;
  return {
    joins: listeners,
    notSeated: faults,
    tookSec,
    rssBeforeKb,
    rssRightAfterKb,
    rssAfterKb,
    rssBytesPerJoin: ((rssAfterKb - rssBeforeKb) * 1024) / listeners,
    handlesBefore,
    handlesAfter: handles(stage.serverPid),
  };
}

/** The relay is stopped and started again; everybody comes back. */
async function restart({ relay, stage, listeners }: Scene): Promise<ScenarioFigures> {
  await relay.settle();
  const rssBeforeKb = stage.rssKb;
  await seat(stage, listeners);
  await relay.settle();
  const rssKbPerListener = (stage.rssKb - rssBeforeKb) / listeners;
  await stage.load.ask('follow', undefined);
  const startUs = monotonicUs();
  const longestStallMs = await relay.stop();
  const stoppedUs = monotonicUs();
  await relay.startAgain();
  await relay.loopDelays(); // those of its start
  const startedUs = monotonicUs();
  const { back, told, refused, lastAtUs } = await stage.load.ask('returned', {
    withinMs: RETURN_TIMEOUT_MS,
  });
  const loop = await relay.loopDelays();
  const after = await stage.measure(CONTROL_MS);
  const { connects } = await stage.publisher.ask('report', undefined);
  return {
    listeners,
    back,
    allBackSec: back === listeners ? (lastAtUs - startUs) / 1e6 : Number.NaN,
    closeSec: (stoppedUs - startUs) / 1e6,
    startSec: (startedUs - stoppedUs) / 1e6,
    longestStallMs,
    loopP99Ms: loop.p99Ms,
    loopP99AskedMs: ASKED_LOOP_P99_MS,
    loopMaxMs: loop.maxMs,
    rssKbPerListener,
    toldWhenToReturn: told,
    triedInVain: refused,
    publisherConnects: connects,
    p99AfterMs: after.p99Ms,
    missedAfter: after.missed,
  };
}

/** A tenth is seated; the rest comes all at once. */
async function join({ relay, stage, listeners, seconds }: Scene): Promise<ScenarioFigures> {
  const first = Math.ceil(listeners * FIRST_SHARE);
  await seat(stage, first);
  await sleep(WARM_UP_MS);
  const control = await stage.measure(CONTROL_MS);
  let rest: JoinReport | undefined;
  let loop: LoopDelays | undefined;
  await relay.loopDelays();
  const meanwhile = await stage.measure(Math.min(seconds * 1000, CONTROL_MS), async () => {
    rest = await stage.join(listeners - first, false);
    loop = await relay.loopDelays();
  });
  return {
    seated: first,
    joined: listeners - first,
    ...rest,
    loopP99Ms: loop?.p99Ms ?? Number.NaN,
    loopMaxMs: loop?.maxMs ?? Number.NaN,
    joinUsOfServerEach: (meanwhile.serverUs - control.serverUs) / (listeners - first),
    controlP99Ms: control.p99Ms,
    seatedP99Ms: meanwhile.p99Ms,
    seatedMaxMs: meanwhile.maxMs,
    seatedMissed: meanwhile.missed,
    loadShare: meanwhile.loadShare,
  };
}

async function seat(stage: Stage, count: number): Promise<void> {
  const { notSeated } = await stage.join(count);
  if (notSeated > 0) throw new Error(`${notSeated} of ${count} were not seated: try fewer --listeners`);
}
