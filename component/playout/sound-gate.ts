import { SlidingPeak } from './sliding-peak.ts';
import { newSound, type Sound, type SoundMaker } from './sound.ts';

/** `blocked`: the browser wants a gesture first, or has taken sound away · `missing`: there is no sound to be had. */
export type SoundNews = 'running' | 'blocked' | 'missing';

/** Without a gesture a browser that allows sound starts it sooner than this, ms. */
const BLOCKED_MS = 300;
/** A context in place of one whose device vanished runs sooner than this (Firefox: within 2 s of the old one's end);
 * else there is no other yet, or it wants a gesture: tried again after as long a rest, ms. */
const RENEWED_MS = 3000;
/** With a gesture sound starts (Firefox: within 1.8 s) or there is no device. */
const NO_DEVICE_MS = 5000;
/** How often a device is looked for once the last one has gone, ms. */
const SEEK_MS = 1000;
/** A context without players is suspended after this, ms. */
const IDLE_MS = 10_000;
/** Underruns of the device after which it is opened with this much buffer, s. */
const WORN_UNDERRUNS = 3;
const WORN_HINT_SEC = 0.1;
const WAKE_EVENTS = ['pointerup', 'click', 'keydown', 'visibilitychange', 'pageshow'] as const;

/** The page's one way to a device, and the gates that are open to it. */
let sound: Sound | undefined;
let latencyHint: AudioContextLatencyCategory | number = 'playback';
const gates = new Set<SoundGate>();
let idle: ReturnType<typeof setTimeout> | undefined;

/** Gives up the context: the next gate to open makes a new one. */
export function discardAudio(): void {
  clearTimeout(idle);
  gates.clear();
  void sound?.context.close();
  sound = undefined;
}

/** Takes up a context: whatever happens to it, and every gesture on the page, concerns all gates. */
function watched(made: Sound): Sound {
  made.context.addEventListener('statechange', () => {
    for (const gate of gates) gate.onChange();
  });
  for (const type of WAKE_EVENTS) addEventListener(type, wake, true);
  // Only on secure pages.
  navigator.mediaDevices?.addEventListener('devicechange', () => {
    for (const gate of gates) gate.onDevices();
  });
  return made;
}

/** Not while `interrupted` (Safari): a resume() then ends in a running context with a frozen clock. */
function wake(): void {
  // A refused resume() stays pending or rejects; either way the next gesture tries again.
  if (gates.size > 0 && sound?.context.state !== 'interrupted') sound?.context.resume().catch(() => {});
}

/**
 * One player's way to running sound: asks for it, waits for it, and tells what becomes of it. All players share the
 * page's one context. Measured in Chromium, Firefox and WebKitGTK.
 */
export class SoundGate {
  readonly #onNews: (news: SoundNews) => void;
  readonly #makeSound: SoundMaker;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #news: SoundNews | undefined;
  /** The device's underruns of the last 30 s, as negatives. */
  readonly #leastUnderruns = new SlidingPeak(30_000);

  /** `onNews` may be called before {@link open} returns; `makeSound` once where the page has no sound yet. */
  constructor(onNews: (news: SoundNews) => void, makeSound: SoundMaker = newSound) {
    this.#onNews = onNews;
    this.#makeSound = makeSound;
  }

  /** The context; undefined while closed. */
  get context(): AudioContext | undefined {
    return gates.has(this) ? sound?.context : undefined;
  }

  /**
   * The device is gone: asks for sound in a new context, which the page's other players come to share. In Chromium a
   * page that has had a gesture once needs none, so it keeps trying.
   */
  renew(): void {
    // Another player may have been first.
    if (this.context) discardAudio();
    this.#open('blocked', RENEWED_MS, () => this.renew());
    void this.#seekDevice(this.context);
  }

  /** Without any device Chromium's context runs into nothing, and stays there when one comes. Only on secure pages. */
  async #seekDevice(seeking: AudioContext | undefined, missed = false): Promise<void> {
    const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => undefined);
    if (!seeking || seeking !== this.context) return;
    if (devices?.every(({ kind }) => kind !== 'audiooutput')) {
      setTimeout(() => void this.#seekDevice(seeking, true), SEEK_MS);
    } else if (missed) this.renew();
  }

  /** Where to play to; undefined while closed. */
  get output(): AudioNode | undefined {
    return this.context && sound?.output;
  }

  /** Call it often: a device that runs dry 3 times in 30 s (Chromium tells) is opened anew, once, with more buffer. */
  watch(nowMs: number): void {
    const stats: unknown = this.context && Reflect.get(this.context, 'playbackStats');
    const events: unknown = stats instanceof Object && Reflect.get(stats, 'underrunEvents');
    if (typeof events !== 'number' || latencyHint !== 'playback') return;
    if (events + this.#leastUnderruns.push(-events, nowMs) < WORN_UNDERRUNS) return;
    latencyHint = WORN_HINT_SEC;
    this.renew();
  }

  /** Asks for sound; call it inside the user's gesture if there is one. */
  open(): void {
    // Safari before 16.4 cannot say, and gets the longer time.
    if (navigator.userActivation?.isActive ?? true) this.#open('missing', NO_DEVICE_MS);
    else this.#open('blocked', BLOCKED_MS);
  }

  #open(refusal: SoundNews, patienceMs: number, then?: () => void): void {
    this.close();
    try {
      sound ??= watched(this.#makeSound(latencyHint));
    } catch {
      // No Web Audio here, or the browser refuses another context.
      this.#tell('missing');
      return;
    }
    clearTimeout(idle);
    gates.add(this);
    wake();
    this.#timer = setTimeout(() => {
      this.#tell(refusal);
      // Stop may have been the answer.
      if (then && this.context) this.#timer = setTimeout(then, RENEWED_MS);
    }, patienceMs);
    this.onChange();
  }

  /** Lets go of the context. */
  close(): void {
    clearTimeout(this.#timer);
    this.#news = undefined;
    if (gates.delete(this) && gates.size === 0)
      idle = setTimeout(() => void sound?.context.suspend(), IDLE_MS);
  }

  /** @internal The context's state has changed. */
  onChange(): void {
    if (this.context?.state === 'running') this.#tell('running');
    else if (this.#news !== 'running') return;
    // Chromium's word for a device that is gone, and an older Safari's for a phone call.
    else if (this.context?.state === 'suspended') this.renew();
    else this.#tell('blocked');
  }

  /** @internal A device has come or gone. */
  onDevices(): void {
    if (this.#news === 'blocked') this.renew();
  }

  #tell(news: SoundNews): void {
    clearTimeout(this.#timer);
    if (news === this.#news) return;
    this.#news = news;
    this.#onNews(news);
  }
}
