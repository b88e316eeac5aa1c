import { LitElement } from 'lit';

/** An element of the console. All are under the page's own sheet, for they are parts of one page. */
export class ConsoleElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
