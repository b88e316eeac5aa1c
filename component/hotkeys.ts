/** Where a letter is a letter. */
const TYPED_IN = 'input:not([type=range]), textarea, select, [contenteditable]';

/** What a key press means, by `KeyboardEvent.key` in lower case; held down, letters act once. */
export type Keys = Readonly<Record<string, () => void>>;

/** Does what a key means that is pressed in the player, and keeps it from doing anything else. WCAG 2.1.4: needs focus. */
export function pressKey(event: KeyboardEvent, keys: Keys): void {
  const [target] = event.composedPath();
  const { key, ctrlKey, altKey, metaKey, repeat } = event;
  const act = keys[key.toLowerCase()];
  if (!act || ctrlKey || altKey || metaKey || (repeat && key.length === 1)) return;
  if (!(target instanceof Element) || target.closest(TYPED_IN)) return;
  // The slider moves by its own steps.
  if (key.length > 1 && target.matches('input')) return;
  act();
  event.preventDefault();
}
