import { expect } from 'chai';
import type { ConfListener } from '../../component/define.ts';
import '../../component/define.ts';
import { discardAudio } from '../../component/playout/sound-gate.ts';
import { until } from '../support/until.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { pretendGesture } from '../support/gesture.ts';
import { hello, speak } from '../support/relay-words.ts';

/** An AudioContext that runs only when the browser allows it: `resume()` stays pending, as engines do. */
let allowed = false;
const RealContext = globalThis.AudioContext;
class LockedContext extends RealContext {
  static last: LockedContext | undefined;
  static made = 0;
  /** How often it was asked to run. */
  asked = 0;
  hint: AudioContextLatencyCategory | number | undefined;

  constructor(options?: AudioContextOptions) {
    super(options);
    this.hint = options?.latencyHint;
    LockedContext.last = this;
    LockedContext.made++;
  }

  override get state(): AudioContextState {
    return allowed ? super.state : 'suspended';
  }

  override async resume(): Promise<void> {
    this.asked++;
    if (!allowed) return;
    await super.resume();
    this.dispatchEvent(new Event('statechange'));
  }

  /** The system takes the sound away, as for a phone call. */
  interrupt(): void {
    allowed = false;
    this.dispatchEvent(new Event('statechange'));
  }
}

describe('blocked sound', function () {
  this.timeout(60_000);
  let element: ConfListener;
  let restore: () => void;

  function played(): number {
    return element.getStats()?.played ?? 0;
  }

  /** Listens where sound is allowed: with a gesture, as nobody says how soon an engine starts its sound. */
  async function listen(): Promise<void> {
    allowed = true;
    const endGesture = pretendGesture();
    await element.play();
    endGesture();
    await until('it connects', () => FakeSocket.made.length === 1);
  }

  beforeEach(() => {
    restore = FakeSocket.install();
    discardAudio();
    allowed = false;
    LockedContext.made = 0;
    globalThis.AudioContext = LockedContext;
    element = document.createElement('conf-listener');
    element.room = 'allhands';
    document.body.append(element);
  });
  afterEach(async () => {
    element.remove();
    await Promise.resolve();
    discardAudio();
    globalThis.AudioContext = RealContext;
    restore();
  });

  it('play() without a gesture rejects with NotAllowedError soon and opens no socket', async () => {
    const startMs = performance.now();
    let refusal: unknown;
    await element.play().catch((error: unknown) => (refusal = error));
    expect(refusal).to.have.property('name', 'NotAllowedError');
    expect(performance.now() - startMs).to.be.within(290, 4000);
    expect(element.state).to.equal('blocked');
    expect(element.playing).to.equal(false);
    expect(FakeSocket.made).to.have.length(0);
  });

  it('the next gesture anywhere on the page starts it', async () => {
    await element.play().catch(() => {});
    allowed = true;
    document.body.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
    await until('it connects', () => FakeSocket.made.length === 1);
    expect(element.state).to.equal('connecting');
    expect(element.playing).to.equal(true);
  });

  it('Stop while blocked is idle, and a later gesture starts nothing', async () => {
    await element.play().catch(() => {});
    element.stop();
    allowed = true;
    const askedBefore = LockedContext.last?.asked;
    document.body.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
    expect(LockedContext.last?.asked).to.equal(askedBefore);
    await LockedContext.last?.resume();
    expect(element.state).to.equal('idle');
    expect(FakeSocket.made).to.have.length(0);
  });

  it('sound taken away by the system closes the socket; a gesture brings it back', async () => {
    await listen();
    FakeSocket.last.accept();
    FakeSocket.last.tell(hello({ state: 'waiting' }));
    LockedContext.last?.interrupt();
    expect(FakeSocket.last.closed).to.equal(false);
    await until('it has tried another context', () => element.state === 'blocked');
    expect(LockedContext.made).to.equal(2);
    expect(FakeSocket.last.closed).to.equal(true);
    allowed = true;
    document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true }));
    await until('it connects again', () => FakeSocket.made.length === 2);
  });

  it('a device that is gone: another context takes its place, the socket stays', async () => {
    await listen();
    FakeSocket.last.accept();
    const socket = FakeSocket.last;
    const end = speak(socket);
    await until('it plays', () => played() > 0);
    const lost = LockedContext.last;
    await lost?.suspend();
    await until('there is another', () => LockedContext.last !== lost && lost?.state === 'closed');
    await until('that runs', () => LockedContext.last?.state === 'running');
    const before = played();
    await until('it plays there', () => played() > before);
    end();
    expect(FakeSocket.made).to.have.length(1);
    expect(socket.closed).to.equal(false);
  });

  it('where no device is left, looks for one every second and moves to it when it comes', async () => {
    let kinds: string[] = [];
    const devices = { enumerateDevices: async () => kinds.map((kind) => ({ kind })), addEventListener() {} };
    Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true });
    await listen();
    await LockedContext.last?.suspend();
    await until('there is another', () => LockedContext.made === 2);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(LockedContext.made).to.equal(2);
    kinds = ['audiooutput'];
    await until('there is a third', () => LockedContext.made === 3);
    Reflect.deleteProperty(navigator, 'mediaDevices');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(LockedContext.made).to.equal(3);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('a device that runs dry 3 times is opened anew, once, with 100 ms of buffer; the socket stays', async () => {
    await listen();
    const worn = LockedContext.last;
    if (!worn) throw new Error('no context');
    const stats = { underrunEvents: 2 };
    await new Promise((resolve) => setTimeout(resolve, 300));
    Object.defineProperty(worn, 'playbackStats', { value: stats });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(LockedContext.made).to.equal(1);
    stats.underrunEvents = 5;
    await until('there is another', () => LockedContext.made === 2);
    expect(LockedContext.last?.hint).to.equal(0.1);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('a clock that stands still for 2 s: another context takes its place', async () => {
    await listen();
    const lost = LockedContext.last;
    if (!lost) throw new Error('no context');
    Object.defineProperty(lost, 'currentTime', { value: 1 });
    const startMs = performance.now();
    await until('there is another', () => LockedContext.last !== lost);
    expect(performance.now() - startMs).to.be.at.least(2000);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('a context that never runs after a gesture is an error after 5 s: no sound device', async () => {
    const endGesture = pretendGesture();
    const startMs = performance.now();
    await element.play();
    endGesture();
    expect(performance.now() - startMs).to.be.within(4900, 10_000);
    expect(element.error).to.include({ kind: 'unsupported', code: 'no-device' });
  });

  it('a browser without Web Audio is told so at once', async () => {
    Reflect.set(globalThis, 'AudioContext', undefined);
    await element.play();
    expect(element.error?.kind).to.equal('unsupported');
  });
});
