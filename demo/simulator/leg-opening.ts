import type { DialFault } from './fault.ts';

/** What a leg does when its socket opens. */
export interface OpeningOutlets {
  sayFirst(text: string): void;
  startMedia(): void;
  after(ms: number, run: () => void): void;
}

const AUDIO_BEFORE_TEXT_MS = 50;

/** First text, then audio: or what the faults make of it. */
export function openLeg(faults: readonly DialFault[], text: string, outlets: OpeningOutlets): void {
  const kinds = new Set(faults.map((fault) => fault.kind));
  if (kinds.has('noFirstText')) return;
  const say = (): void => outlets.sayFirst(kinds.has('firstTextNotJson') ? 'websocket:connected' : text);
  if (kinds.has('binaryBeforeText')) {
    outlets.startMedia();
    outlets.after(AUDIO_BEFORE_TEXT_MS, say);
    return;
  }
  const begin = (): void => {
    say();
    outlets.startMedia();
  };
  const late = faults.find((fault) => fault.kind === 'firstTextLate');
  if (late) outlets.after(late.byMs, begin);
  else begin();
}
