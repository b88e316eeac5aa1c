import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url);
const Manifest = v.object({ version: v.string() });

/** Version of this package. */
export const VERSION = v.parse(
  Manifest,
  JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')),
).version;

/** Where the built element lies, whether the relay runs from its sources or from `dist`. */
export const ELEMENT_DIR = fileURLToPath(new URL('dist/component/', ROOT));

/** Where scripts, sheets and texts of the relay's own pages lie. */
export const PAGES_DIR = fileURLToPath(new URL('dist/pages/', ROOT));

/** What the history's thread runs: Node 20 runs no TypeScript, so also from the sources it is the built file. */
export const HISTORY_WORKER = fileURLToPath(new URL('dist/relay/history/history-worker.js', ROOT));

/** The JSON schema of `conf-relay.json`. */
export const SETTINGS_SCHEMA_FILE = fileURLToPath(new URL('relay/conf-relay.schema.json', ROOT));
