const FADE_SEC = 0.005;
/** The running frame counter is kept unless the plan differs by more: rounding must never open a seam. */
const TOLERANCE_SEC = 0.004;
/** What is repeated when the next piece does not come in time, s: a longer repetition is heard as one. */
const TAIL_SEC = 0.06;
/** Time constant of a change of volume, s: fast, without a click. */
const VOLUME_SEC = 0.015;

/** What waits behind the queue's end. */
interface Tail {
  source: AudioBufferSourceNode;
  gain: AudioParam;
  startSec: number;
  endSec: number;
}

/**
 * Puts samples on the audio clock, in whole frames, without a timer. Keeps a 5 ms fade-out armed at the end of what is
 * queued and moves it on with every piece. Behind the fade waits a tail, the last 60 ms again, cross-faded and dying
 * away: it bridges what does not come in time, meets what comes in a cross-fade, and is withdrawn by what is in time.
 * Takes any BaseAudioContext, so tests can render. Measured in Chromium, Firefox and WebKitGTK.
 */
export class Speaker {
  readonly #context: BaseAudioContext;
  readonly #fade: GainNode;
  readonly #volume: GainNode;
  readonly #sources = new Set<AudioBufferSourceNode>();
  #tail: Tail | undefined;
  /** Frame behind the last one queued. */
  #endFrame = 0;
  /** When the fade-in of this stretch of sound ends, and when the armed fade-out begins; seconds. */
  #fullSec = 0;
  #fadeSec = 0;

  /** Plays into `destination`, by default the context's own. */
  constructor(context: BaseAudioContext, destination: AudioNode = context.destination) {
    this.#context = context;
    this.#fade = new GainNode(context, { gain: 0 });
    this.#volume = new GainNode(context);
    this.#fade.connect(this.#volume).connect(destination);
  }

  /** End of what is queued, seconds on the audio clock. */
  get endSec(): number {
    return this.#endFrame / this.#context.sampleRate;
  }

  /**
   * Queues samples (−1…1, at the context's rate) to start at `startMs` on the audio clock. With `joined` they go on
   * where the last ones end, if that is within 4 ms of the plan; otherwise they fade in. Never overlaps. Returns for
   * how long the tail of the last ones has stood in for what did not come, ms.
   */
  play(samples: Float32Array<ArrayBuffer>, startMs: number, joined: boolean): number {
    if (samples.length === 0) return 0;
    const { sampleRate } = this.#context;
    const wanted = Math.round((startMs / 1000) * sampleRate);
    const goesOn = joined && Math.abs(wanted - this.#endFrame) <= TOLERANCE_SEC * sampleRate;
    const startFrame = goesOn ? this.#endFrame : Math.max(wanted, this.#endFrame);
    const startSec = startFrame / sampleRate;
    const tailEndSec = goesOn ? 0 : (this.#tail?.endSec ?? 0);
    const bridgedSec = Math.max(0, Math.min(startSec, tailEndSec) - this.endSec);
    if (goesOn) this.hush();
    this.#endTail(startSec);
    this.#endFrame = startFrame + samples.length;

    const buffer = new AudioBuffer({ length: samples.length, sampleRate });
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#fade);
    this.#sources.add(source);
    source.addEventListener('ended', () => {
      source.disconnect();
      this.#sources.delete(source);
    });
    source.start(startSec);
    this.#armFade(startSec, goesOn);
    this.#armTail(buffer);
    return bridgedSec * 1000;
  }

  /** Nothing is missing behind what is queued: it ends in its fade, unless the tail sounds already. */
  hush(): void {
    if (!this.#tail || this.#tail.startSec < this.#context.currentTime) return;
    this.#tail.source.stop();
    this.#tail = undefined;
  }

  /** Loudness in 0…1, heard as even steps (gain = volume²); muting keeps everything running. */
  setVolume(volume: number, muted: boolean): void {
    const gain = muted ? 0 : volume ** 2;
    this.#volume.gain.setTargetAtTime(gain, this.#context.currentTime, VOLUME_SEC);
  }

  /** Withdraws everything queued, with a 5 ms fade. */
  clear(): void {
    const { currentTime, sampleRate } = this.#context;
    const { gain } = this.#fade;
    // Where cancelAndHoldAtTime is missing (Firefox) the value shown is at most one render quantum old.
    const heldGain = gain.value;
    gain.cancelScheduledValues(currentTime);
    gain.setValueAtTime(heldGain, currentTime);
    gain.linearRampToValueAtTime(0, currentTime + FADE_SEC);
    this.hush();
    this.#endTail(currentTime);
    for (const source of this.#sources) source.stop(currentTime + FADE_SEC);
    this.#endFrame = Math.min(this.#endFrame, Math.ceil((currentTime + FADE_SEC) * sampleRate));
  }

  /** Ends the sound and lets go of the context. */
  close(): void {
    this.clear();
    const [last] = [...this.#sources].slice(-1);
    if (last) last.addEventListener('ended', () => this.#volume.disconnect());
    else this.#volume.disconnect();
  }

  /** Fades in where the piece fades out, and then out over all its length. */
  #armTail(buffer: AudioBuffer): void {
    const lengthSec = Math.min(FADE_SEC + TAIL_SEC, buffer.duration);
    if (lengthSec < 2 * FADE_SEC) return;
    const startSec = this.#fadeSec;
    const endSec = startSec + lengthSec;
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    const node = new GainNode(this.#context, { gain: 0 });
    const { gain } = node;
    gain.setValueAtTime(0, startSec);
    gain.linearRampToValueAtTime(1, startSec + FADE_SEC);
    gain.linearRampToValueAtTime(0, endSec);
    source.connect(node).connect(this.#volume);
    source.start(startSec, buffer.duration - lengthSec);
    this.#tail = { source, gain, startSec, endSec };
  }

  /** From `atSec` on the tail, where it still sounds, fades out in 5 ms. */
  #endTail(atSec: number): void {
    const tail = this.#tail;
    this.#tail = undefined;
    if (!tail || atSec >= tail.endSec) return;
    const { source, gain, startSec, endSec } = tail;
    const fullSec = startSec + FADE_SEC;
    const fromSec = Math.max(atSec, fullSec);
    gain.cancelScheduledValues(fromSec);
    gain.linearRampToValueAtTime((endSec - fromSec) / (endSec - fullSec), fromSec);
    gain.linearRampToValueAtTime(0, fromSec + FADE_SEC);
    source.stop(fromSec + FADE_SEC);
  }

  #armFade(startSec: number, joined: boolean): void {
    const { gain } = this.#fade;
    if (joined) gain.cancelScheduledValues(this.#fadeSec);
    else {
      this.#fullSec = startSec + FADE_SEC;
      gain.setValueAtTime(0, startSec);
    }
    // In a stretch shorter than both fades the cancelled fade-out began where the fade-in ends, and took it along.
    if (!joined || this.#fadeSec === this.#fullSec) gain.linearRampToValueAtTime(1, this.#fullSec);
    this.#fadeSec = Math.max(this.endSec - FADE_SEC, this.#fullSec);
    gain.setValueAtTime(1, this.#fadeSec);
    gain.linearRampToValueAtTime(0, Math.max(this.endSec, this.#fadeSec));
  }
}
