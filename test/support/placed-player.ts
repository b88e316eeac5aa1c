import type { ConfListener, PlayerState } from '../../component/define.ts';
import { until } from './until.ts';
import { FakeSocket } from './fake-socket.ts';
import { pretendGesture } from './gesture.ts';

const TOLD = ['conf-play', 'conf-stop', 'conf-statechange'] as const;

/** A player in the test's page whose relay is the test. */
export class PlacedPlayer {
  static #all: PlacedPlayer[] = [];
  readonly element: ConfListener;
  /** What it has told, oldest first: the event and its trigger or state. */
  readonly events: string[] = [];

  private constructor(element: ConfListener) {
    this.element = element;
    for (const name of TOLD) {
      element.addEventListener(name, ({ type, detail }) =>
        this.events.push(`${type} ${'trigger' in detail ? detail.trigger : detail.state}`),
      );
    }
    PlacedPlayer.#all.push(this);
  }

  /** In each test of the suite the page has sockets of the test's, a gesture, and no choice kept; players go after it. */
  static inEachTest(): void {
    let restore: () => void;
    let endGesture: () => void;
    beforeEach(() => {
      restore = FakeSocket.install();
      endGesture = pretendGesture();
      localStorage.removeItem('conf-listener');
    });
    afterEach(async () => {
      for (const { element } of this.#all.splice(0)) element.remove();
      await Promise.resolve();
      endGesture();
      restore();
      localStorage.removeItem('conf-listener');
    });
  }

  /** Puts one into `parent`. */
  static async place(
    attributes: Readonly<Record<string, string>> = {},
    parent: ParentNode = document.body,
  ): Promise<PlacedPlayer> {
    const element = document.createElement('conf-listener');
    const placed = new PlacedPlayer(element);
    for (const [name, value] of Object.entries({ room: 'allhands', ...attributes })) {
      element.setAttribute(name, value);
    }
    parent.append(element);
    await element.updateComplete;
    return placed;
  }

  /** What matches in its shadow root; null where nothing does. */
  find(selector: string): HTMLElement | null {
    return this.element.shadowRoot?.querySelector<HTMLElement>(selector) ?? null;
  }

  /** The element with that part. Throws where there is none. */
  part(name: string): HTMLElement {
    const found = this.find(`[part~="${name}"]`);
    if (!found) throw new Error(`there is no part "${name}"`);
    return found;
  }

  /** The words on the status line. */
  async words(): Promise<string> {
    await this.element.updateComplete;
    return this.part('status').textContent.trim();
  }

  /** Presses Listen; returns the relay's end once it has accepted. */
  async listen(): Promise<FakeSocket> {
    const before = FakeSocket.made.length;
    this.part('play').click();
    await until('it connects', () => FakeSocket.made.length > before);
    FakeSocket.last.accept();
    return FakeSocket.last;
  }

  async reaches(state: PlayerState): Promise<void> {
    await until(`the state is ${state}`, () => this.element.state === state);
    await this.element.updateComplete;
  }
}
