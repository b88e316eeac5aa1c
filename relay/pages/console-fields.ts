/** A field of whatever came; undefined where it has none. */
export function fieldOf(value: unknown, name: string): unknown {
  return Reflect.get(Object(value), name);
}

/** A list; empty where there is none. */
export function listIn(value: unknown, name: string): unknown[] {
  const found = fieldOf(value, name);
  return Array.isArray(found) ? found : [];
}

/** A number; null where there is none. */
export function numberIn(value: unknown, name: string): number | null {
  const found = fieldOf(value, name);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

/** A text field; null where there is none. */
export function textIn(value: unknown, name: string): string | null {
  const found = fieldOf(value, name);
  return typeof found === 'string' ? found : null;
}

/** The name that a value is; undefined where it is none of them. */
export function oneOf<Name extends string>(names: readonly Name[], value: unknown): Name | undefined {
  return names.find((name) => name === value);
}
