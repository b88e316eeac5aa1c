import type { Policy } from './policies.ts';
import type { Speech } from './speech.ts';
import type { Trace } from './traces.ts';

/** What a listener hears of a trace. */
export interface Score {
  /** Delay beyond the least possible, ms: from when a chunk could have sounded at best to when it did. */
  meanMs: number;
  p95Ms: number;
  /** Gaps, losses and overlaps that fall into speech. */
  breaksPerHour: number;
  /** Their length: seconds of speech that was missing, stretched apart or doubled. */
  damagedSecPerHour: number;
}

/** Shorter irregularities are not heard as breaks. */
const AUDIBLE_MS = 2;
const HOUR_MS = 3_600_000;

/** Plays a trace by a policy and counts what is heard. */
export function score({ arrivals, leastMs, ppm }: Trace, speech: Speech, policy: Policy): Score {
  const delays: number[] = [];
  let breaks = 0;
  let damagedMs = 0;
  let soundsUntilMs: number | undefined;
  let playedUntilMs = 0;
  let losing = false;

  for (const arrival of arrivals) {
    const { mediaMs, durMs } = arrival;
    const played = policy(arrival, speech.pausesIn(mediaMs, mediaMs + durMs));
    const lostMs = speech.talkMs(mediaMs, mediaMs + (played ? played.skippedMs : durMs));
    if (lostMs > AUDIBLE_MS) {
      damagedMs += lostMs;
      if (!losing) breaks += 1;
    }
    losing = lostMs > AUDIBLE_MS && (losing || !played);
    if (!played) continue;

    const offMs = soundsUntilMs === undefined ? 0 : played.startMs - played.skippedMs - soundsUntilMs;
    // A stop of the source is no fault of the player; neither is a loss counted twice.
    const goesOn = mediaMs === playedUntilMs;
    if (goesOn && Math.abs(offMs) > AUDIBLE_MS && lostMs <= AUDIBLE_MS && speech.talksAt(mediaMs)) {
      breaks += 1;
      damagedMs += Math.abs(offMs);
    }
    soundsUntilMs = played.endMs;
    playedUntilMs = mediaMs + durMs;
    const possibleMs = (mediaMs + durMs) * (1 + ppm / 1e6) + leastMs;
    delays.push(played.startMs - played.skippedMs - possibleMs);
  }

  const first = arrivals[0];
  const last = arrivals.at(-1);
  const hours = first && last ? (last.mediaMs + last.durMs - first.mediaMs) / HOUR_MS : 1;
  const sorted = delays.toSorted((a, b) => a - b);
  return {
    meanMs: delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
    p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
    breaksPerHour: breaks / hours,
    damagedSecPerHour: damagedMs / 1000 / hours,
  };
}
