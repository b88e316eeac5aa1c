import { html, type TemplateResult } from 'lit';
import { ConsoleElement } from './console-element.ts';

/** What is asked before something is done that listeners notice. */
export interface Question {
  title: string;
  text: string;
  /** On the button that does it. */
  verb: string;
}

/** Asks whether somebody means it. The keyboard starts on the way out. */
export class ConsoleConfirm extends ConsoleElement {
  static override properties = { question: { attribute: false } };
  declare question: Question | undefined;
  #answer: ((isMeant: boolean) => void) | undefined;

  /** Resolves once the dialog is closed, by whatever means. */
  async ask(question: Question): Promise<boolean> {
    this.question = question;
    await this.updateComplete;
    const dialog = this.querySelector('dialog');
    if (!dialog || dialog.open) return false;
    this.#settle(false);
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  protected override render(): TemplateResult {
    const { title = '', text = '', verb = '' } = this.question ?? {};
    return html`<dialog aria-labelledby="question" aria-describedby="question-text" @close=${this.#closed}>
      <h2 id="question">${title}</h2>
      <p id="question-text">${text}</p>
      <p class="buttons">
        <button type="button" @click=${() => this.#close('')}>Cancel</button>
        <button type="button" class="grave" @click=${() => this.#close('yes')}>${verb}</button>
      </p>
    </dialog>`;
  }

  #close(value: string): void {
    this.querySelector('dialog')?.close(value);
  }

  readonly #closed = (): void => {
    const dialog = this.querySelector('dialog');
    // The event comes late: the next question may stand there already.
    if (dialog && !dialog.open) this.#settle(dialog.returnValue === 'yes');
  };

  #settle(isMeant: boolean): void {
    this.#answer?.(isMeant);
    this.#answer = undefined;
  }
}
