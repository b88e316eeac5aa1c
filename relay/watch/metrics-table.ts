/** A metric, as its readers see it. */
export interface MetricEntry {
  name: string;
  /** `counter`, `gauge` or `histogram`. */
  type: string;
  labels: readonly string[];
  help: string;
}

/** A Markdown table of metrics. */
export function metricsTable(entries: readonly MetricEntry[]): string {
  const head = ['metric', 'type', 'labels', 'meaning'];
  const cells = [
    head,
    ...entries.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
  ].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, n) => Math.max(3, ...cells.map((row) => row[n]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |`;
  const [first = '', ...rows] = cells.map(line);
  return [first, line(widths.map((width) => '-'.repeat(width))), ...rows].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
