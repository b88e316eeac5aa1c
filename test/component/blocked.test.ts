import { expect } from 'chai';
import type { ConfListener } from '../../component/define.ts';
import '../../component/define.ts';
import { discardAudio } from '../../component/playout/sound-gate.ts';
import { until } from '../support/deadline.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { hello } from '../support/relay-words.ts';

/** An AudioContext that runs only when the browser allows it: `resume()` stays pending, as engines do. */
let allowed = false;
const RealContext = globalThis.AudioContext;
class LockedContext extends RealContext {
  static last: LockedContext | undefined;
  /** How often it was asked to run. */
  asked = 0;

  constructor(options?: AudioContextOptions) {
    super(options);
    LockedContext.last = this;
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
  this.timeout(15_000);
  let element: ConfListener;
  let restore: () => void;

  beforeEach(() => {
    restore = FakeSocket.install();
    discardAudio();
    allowed = false;
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

  it('play() without a gesture rejects with NotAllowedError within 1 s and opens no socket', async () => {
    const startMs = performance.now();
    let refusal: unknown;
    await element.play().catch((error: unknown) => (refusal = error));
    expect(refusal).to.have.property('name', 'NotAllowedError');
    expect(performance.now() - startMs).to.be.within(290, 1000);
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
    allowed = true;
    await element.play();
    await until('it connects', () => FakeSocket.made.length === 1);
    FakeSocket.last.accept();
    FakeSocket.last.tell(hello({ state: 'waiting' }));
    LockedContext.last?.interrupt();
    expect(element.state).to.equal('blocked');
    expect(FakeSocket.last.closed).to.equal(true);
    allowed = true;
    document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true }));
    await until('it connects again', () => FakeSocket.made.length === 2);
  });

  it('a context that never runs after a gesture is an error after 5 s: no sound device', async () => {
    Object.defineProperty(navigator, 'userActivation', { value: { isActive: true }, configurable: true });
    const startMs = performance.now();
    await element.play();
    Reflect.deleteProperty(navigator, 'userActivation');
    expect(performance.now() - startMs).to.be.within(4900, 6500);
    expect(element.error).to.include({ kind: 'unsupported', code: 'no-device' });
  });

  it('a browser without Web Audio is told so at once', async () => {
    Reflect.set(globalThis, 'AudioContext', undefined);
    await element.play();
    expect(element.error?.kind).to.equal('unsupported');
  });
});
