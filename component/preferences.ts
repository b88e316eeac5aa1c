/** What a listener has chosen on some page of this origin. */
export interface Preferences {
  /** 0…1. */
  volume?: number;
  captions?: boolean;
  largerText?: boolean;
  moreContrast?: boolean;
}

const KEY = 'conf-listener';

/** Reads what was kept; nothing where there is none, or the browser keeps nothing for this page. */
export function readPreferences(): Preferences {
  const kept: Preferences = {};
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '');
    if (!(value instanceof Object)) return kept;
    const volume: unknown = Reflect.get(value, 'volume');
    if (typeof volume === 'number') kept.volume = volume;
    for (const name of ['captions', 'largerText', 'moreContrast'] as const) {
      const on: unknown = Reflect.get(value, name);
      if (typeof on === 'boolean') kept[name] = on;
    }
  } catch {
    // Nothing kept, not ours, or a sandboxed frame, where even to ask throws.
  }
  return kept;
}

/** Keeps a choice beside those made before. */
export function keepPreferences(chosen: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...chosen }));
  } catch {
    // Full, or not allowed: it holds until the page is left.
  }
}
