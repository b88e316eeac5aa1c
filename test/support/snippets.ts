import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The code of a text for people, by the language behind its fence, in the order in which it stands there. */
export function snippetsOf(file: string, language: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(fence)].map(([, code = '']) => code);
}
