import { problem, type Problem } from '../errors.ts';
import type { FileCount } from './open-files.ts';

/** Files that are kept free: for legs, requests of the platform, the log and the admin listener. */
const KEPT_FILES = 100;
const RETRY_AFTER_SEC = 5;

/** What the readiness is made of. */
export interface ReadinessParts {
  /** Why nobody can be admitted: the relay is going away, or as many listen as may. */
  admission: () => Problem | undefined;
  files: { readonly count: FileCount | undefined };
}

/**
 * Whether more listeners can come, for `/readyz`, which fails fast: whoever asks it sends new ones elsewhere, and those
 * who are here stay.
 */
export class Readiness {
  readonly #parts: ReadinessParts;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** Why none can come; undefined while they can. */
  get hindrance(): Problem | undefined {
    const { admission, files } = this.#parts;
    const hindrance = admission();
    if (hindrance) return hindrance;
    const { count } = files;
    if (!count || count.open < count.limit - KEPT_FILES) return undefined;
    return problem(
      'files-full',
      `${count.open} of ${count.limit} files are open; come back later, or raise the limit.`,
      RETRY_AFTER_SEC,
    );
  }
}
