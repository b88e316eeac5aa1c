import type { Question } from './console-confirm.ts';
import type { RelayDoor } from './console-relay.ts';

/** What every part of the console may use. */
export interface Desk {
  door: RelayDoor;
  /** Whether the operator means it. */
  confirm: (question: Question) => Promise<boolean>;
  /** Tells what has been done, to be seen and heard. */
  say: (text: string) => void;
  /** Looks again now: something was done. */
  refresh: () => void;
}

/** Puts a text on the clipboard; false where the page may not, as over plain http from another machine. */
export async function copied(text: string): Promise<boolean> {
  if (!isSecureContext) return false;
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}
