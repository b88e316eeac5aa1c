import { isNoticeText, type NoticeMessage } from '../../wire/messages.ts';
import type { Cancel, Clock } from '../clock.ts';

/** What is said without an end ends by itself. */
const LASTS_MS = 5 * 60_000;
const LASTS_AT_MOST_MS = 24 * 3_600_000;

/** What the operator has to say to a room's listeners: one text at a time, taken back when its time is over. */
export class NoticeBoard {
  readonly #time: Pick<Clock, 'wallMs' | 'after'>;
  readonly #tell: (message: NoticeMessage) => void;
  #text = '';
  #cancel: Cancel | undefined;

  /** `tell` tells everybody. */
  constructor(time: Pick<Clock, 'wallMs' | 'after'>, tell: (message: NoticeMessage) => void) {
    this.#time = time;
    this.#tell = tell;
  }

  /** What is said now; '' where that is nothing. */
  get text(): string {
    return this.#text;
  }

  /**
   * Says a text until `untilMs`, Unix ms; empty, or too late, it takes back what was said. Throws for what is no notice.
   */
  put(text: string, untilMs = this.#time.wallMs() + LASTS_MS): void {
    if (!isNoticeText(text)) throw new Error(`a text of ${text.length} characters that is no notice`);
    const lastsMs = Math.min(LASTS_AT_MOST_MS, untilMs - this.#time.wallMs());
    if (text === '' || lastsMs <= 0) return this.#takeBack();
    this.close();
    this.#cancel = this.#time.after(lastsMs, () => this.#takeBack());
    this.#text = text;
    this.#tell({ type: 'notice', text, until: this.#time.wallMs() + lastsMs });
  }

  /** Tells nothing more by itself. */
  close(): void {
    this.#cancel?.();
  }

  #takeBack(): void {
    this.close();
    if (this.#text === '') return;
    this.#text = '';
    this.#tell({ type: 'notice', text: '' });
  }
}
