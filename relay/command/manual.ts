import type { CommandName } from './command-line.ts';
import { MANUAL_PAGES, OVERVIEW, type ManualPage } from './manual-pages.ts';

const COLUMNS = 88;

const EXIT_CODES = [
  ['0', 'done'],
  ['1', 'failed'],
  ['2', 'wrong usage or settings; what is wrong, and what to do, is on standard error'],
] as const;

const FILES = [
  [
    'conf-relay.json',
    'the settings: JSON in which // begins a comment; --config or CONF_CONFIG names another',
  ],
  ['.env', 'CONF_… variables, one NAME=value a line; the environment itself wins over it'],
] as const;

/** The page of a command as `man` would show it; without one, what commands there are. */
export function manualText(command: CommandName | undefined): string {
  return command === undefined ? OVERVIEW : pageText(command, MANUAL_PAGES[command]);
}

function pageText(command: CommandName, page: ManualPage): string {
  const { summary, synopsis, description, options, examples } = page;
  const codes = EXIT_CODES.map(([code, meaning]) => [code, page.exitCodes?.[code] ?? meaning] as const);
  const sections: [string, string][] = [
    ['NAME', indented(`conf-relay ${command} — ${summary}`)],
    ['SYNOPSIS', synopsis.map((line) => indented(line)).join('')],
    ['DESCRIPTION', description.map((paragraph) => indented(paragraph)).join('\n')],
    ['OPTIONS', listed([...options, ['-h, --help', 'shows this page']])],
    ['EXIT CODES', listed(codes)],
    ['EXAMPLES', examples.map(([line, what]) => `${indented(line)}${indented(what, 8)}`).join('')],
    ...(page.files ? [['FILES', listed(FILES)] as [string, string]] : []),
  ];
  return sections.map(([name, text]) => `${name}\n${text}`).join('\n');
}

function listed(items: readonly (readonly [term: string, meaning: string])[]): string {
  return items.map(([term, meaning]) => `${indented(term)}${indented(meaning, 8)}`).join('');
}

/** Lines no wider than a terminal, broken between words. */
function indented(text: string, spaces = 4): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && spaces + last.length + word.length + 1 > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${' '.repeat(spaces)}${line}\n`).join('');
}
