import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const ROOMS = ['wire', 'relay', 'component', 'demo'];
const STAGES = ['ingest', 'room', 'bus', 'fanout', 'http'];
/** Nouns of the element that hold no view and no I/O: what the strings are about. */
const PURE = ['component/status.ts', 'component/player-error.ts'];
/** Where stages are joined: along the way of the sound, behind the doors, for the command line. */
const JOINTS = ['relay/main.ts', 'relay/front.ts', 'relay/cli.ts'];
const MAX_LINES = 250;

/** Every source file of the four rooms, as a path from the root. */
const FILES = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(room, file)),
);

/** Local imports of a file, as paths from the root, and package imports by their specifier. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier]) => specifier ?? '',
  );
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier,
  );
}

/** Which file may import which; the first rule that speaks of the file decides. */
function mayImport(file: string, target: string): boolean {
  const [room, part = ''] = file.split('/');
  const local = ROOMS.some((name) => target.startsWith(`${name}/`));
  const inWire = target.startsWith('wire/');
  switch (room) {
    case 'wire':
      return inWire;
    case 'relay': {
      if (!local) return true;
      if (!inWire && !target.startsWith('relay/')) return false;
      // What runs in the browser, and what runs in the relay, know each other by what the pages say.
      if (part === 'pages' || target.startsWith('relay/pages/'))
        return part === 'pages' && (inWire || target.startsWith('relay/pages/'));
      if (JOINTS.includes(file)) return true;
      const stage = target.split('/')[1] ?? '';
      if (STAGES.includes(part)) return stage === part || !STAGES.includes(stage) || inWire;
      return !STAGES.includes(stage) || inWire;
    }
    case 'component':
      if (part === 'frameworks' && ['react', 'svelte/elements', 'vue'].includes(target)) return true;
      if (!local) return target === 'lit' || target.startsWith('lit/');
      if (part === 'playout') return inWire || target.startsWith('component/playout/');
      if (part === 'i18n') return inWire || target.startsWith('component/i18n/') || PURE.includes(target);
      if (target.startsWith('component/playout/') || target === 'component/connection.ts') {
        // A joint's nouns are types only; sound is made in the gesture, before the session has been loaded.
        if (file === 'component/session-parts.ts') return true;
        if (file === 'component/player.ts') return target === 'component/playout/sound.ts';
        return file === 'component/session.ts';
      }
      return inWire || target.startsWith('component/');
    case 'demo':
      return !local || inWire || target.startsWith('relay/') || target.startsWith('demo/');
    default:
      return false;
  }
}

test('no file imports what its room may not: stages never import each other, two joints join them', () => {
  const broken = FILES.flatMap((file) =>
    importsOf(file)
      .filter((target) => !mayImport(file, target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(broken).toEqual([]);
});

test('the joints of the relay are imported by no stage and no root noun', () => {
  const broken = FILES.filter((file) => file.startsWith('relay/') && !JOINTS.includes(file)).filter((file) =>
    importsOf(file).some((target) => JOINTS.includes(target)),
  );
  expect(broken).toEqual([]);
});

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const long = FILES.map((file) => ({
    file,
    lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1,
  }));
  expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
});

test('there is no src, no utils, no helpers and no index.ts', () => {
  expect(FILES.filter((file) => /(^|\/)(src|utils?|helpers|common)\/|(^|\/)index\.ts$/.test(file))).toEqual(
    [],
  );
});

/** What a strict policy or Trusted Types refuse, each with samples of it. */
const REFUSED: readonly [technique: string, pattern: RegExp, ...samples: string[]][] = [
  [
    'a style attribute',
    /\sstyle=|\bsetAttribute\(\s*['"]style/,
    'html`<p style="color: red">`',
    'html`<p style=${color}>`',
    "element.setAttribute('style', text)",
  ],
  ['styleMap', /\bstyleMap\b/, "import { styleMap } from 'lit/directives/style-map.js';"],
  ['a style element', /<style\b|Element\(\s*['"]style/, '<style>p {}</style>', "createElement('style')"],
  ['a rule put into a page’s sheet', /\binsertRule\b/, "sheet.insertRule('p {}')"],
  ['a blob: address', /\bblob:|createObjectURL/, "'blob:null/1'", 'URL.createObjectURL(blob)'],
  ['a data: address', /["'`]data:|url\(data:/, "image.src = 'data:image/png;base64,'", 'url(data:,)'],
  ['eval', /\beval\(/, "eval('1')"],
  [
    'code made of text',
    /\bFunction\(|\bset(Timeout|Interval)\(\s*['"`]/,
    "new Function('a', 'return a')",
    "setTimeout('act()', 1)",
  ],
  [
    'markup made of text',
    /\b(inner|outer|unsafe)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write/,
    'element.innerHTML = text',
    'html`${unsafeHTML(text)}`',
    "document.write('<p>')",
  ],
  ['a handler in markup', /\son[a-z]+="/, 'html`<button onclick="act()">`'],
  ['a worker', /\bnew (Shared)?Worker\(|\baddModule\(/, "new Worker('/a.js')", "addModule('/a.js')"],
  ['WebAssembly', /\bWebAssembly\b/, 'WebAssembly.compile(bytes)'],
];

/** What runs or lies in a browser, without its comments. */
const IN_BROWSERS = ['component', 'relay/pages'].flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|css)$/.test(file))
    .map((file) => ({
      file: join(room, file),
      code: readFileSync(join(ROOT, room, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, ''),
    })),
);

test.each(REFUSED)('no source of what a page loads uses %s', (_technique, pattern, ...samples) => {
  for (const sample of samples) expect(sample).toMatch(pattern);
  expect(IN_BROWSERS.filter(({ code }) => pattern.test(code)).map(({ file }) => file)).toEqual([]);
});
