import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const SHEETS = join(import.meta.dirname, 'sheets');
const OUT = join(import.meta.dirname, '../../dist/looks');
/** As `pixelmatch` counts them; what differs by antialiasing alone does not count. */
const THRESHOLD = 0.1;
const WHITE = 0xff;
/** Colours are kept in 18 levels of red, green and blue: a step is far below the threshold, and saves a third of the bytes. */
const LEVEL = 15;

/** Images one below the other, on white. */
export function stacked(images: readonly Buffer[]): PNG {
  const pngs = images.map((image) => PNG.sync.read(image));
  const sheet = blank(
    Math.max(...pngs.map(({ width }) => width)),
    pngs.reduce((sum, { height }) => sum + height, 0),
  );
  let y = 0;
  for (const png of pngs) {
    PNG.bitblt(png, sheet, 0, 0, png.width, png.height, 0, y);
    y += png.height;
  }
  for (const [at, value] of sheet.data.entries()) sheet.data[at] = Math.round(value / LEVEL) * LEVEL;
  return sheet;
}

/** Images side by side, on white. */
export function sideBySide(pngs: readonly PNG[]): PNG {
  const sheet = blank(
    pngs.reduce((sum, { width }) => sum + width, 0),
    Math.max(...pngs.map(({ height }) => height)),
  );
  let x = 0;
  for (const png of pngs) {
    PNG.bitblt(png, sheet, 0, 0, png.width, png.height, x, 0);
    x += png.width;
  }
  return sheet;
}

/** Makes a sheet the baseline of its name. */
export function keep(name: string, sheet: PNG): void {
  mkdirSync(SHEETS, { recursive: true });
  writeFileSync(join(SHEETS, `${name}.png`), encoded(sheet));
}

/** Writes an image for people into dist/looks; returns its path. */
export function show(name: string, image: PNG): string {
  mkdirSync(OUT, { recursive: true });
  const path = join(OUT, `${name}.png`);
  writeFileSync(path, encoded(image));
  return path;
}

/** How many pixels differ from the baseline, and where both can be seen if any do. */
export function differenceOf(name: string, sheet: PNG): { pixels: number; seenIn: string } {
  const path = join(SHEETS, `${name}.png`);
  if (!existsSync(path)) return { pixels: Infinity, seenIn: `${show(name, sheet)}; there is no ${path}` };
  const baseline = PNG.sync.read(readFileSync(path));
  const { width, height } = baseline;
  if (width !== sheet.width || height !== sheet.height) {
    const sizes = `${sheet.width}×${sheet.height}, not ${width}×${height}`;
    return { pixels: Infinity, seenIn: `${show(`${name}.actual`, sheet)}: ${sizes}` };
  }
  const diff = blank(width, height);
  const pixels = pixelmatch(baseline.data, sheet.data, diff.data, width, height, { threshold: THRESHOLD });
  if (pixels === 0) return { pixels, seenIn: '' };
  return { pixels, seenIn: `${show(`${name}.actual`, sheet)} ${show(`${name}.diff`, diff)}` };
}

function blank(width: number, height: number): PNG {
  const png = new PNG({ width, height });
  png.data.fill(WHITE);
  return png;
}

/** Without an alpha channel; of the ways to write such flat pictures this is the shortest. */
function encoded(image: PNG): Buffer {
  return PNG.sync.write(image, { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 });
}
