import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A command of a guide, as somebody would paste it; or settings that it shows. */
export interface GuideItem {
  kind: 'command' | 'settings';
  text: string;
  /** The heading that it stands under. */
  heading: string;
}

/** What a text for people tells them to type (`sh`) and to write into `conf-relay.json` (`json`), in its order. */
export function itemsOf(file: string): GuideItem[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  let heading = '';
  const items: GuideItem[] = [];
  for (const [, title, language, body = ''] of text.matchAll(/^#+ (.*)$|^ *```(\w*)\n([\s\S]*?)^ *```$/gm)) {
    if (title !== undefined) heading = title;
    else if (language === 'json') items.push({ kind: 'settings', text: body, heading });
    else if (language === 'sh') {
      for (const command of commandsIn(body)) items.push({ kind: 'command', text: command, heading });
    }
  }
  return items;
}

/** A line that ends with `\` goes on. */
function commandsIn(block: string): string[] {
  const commands = block.match(/(?:.*\\\n)*.+\n?/g) ?? [];
  return commands
    .map((command) => command.trim())
    .filter((command) => command !== '' && !command.startsWith('#'));
}
