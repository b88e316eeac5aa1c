import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core has against a page and its frames as they stand, WCAG 2.2 A and AA and best practice: rule and element, one a line. */
export async function axeViolations(page: Page): Promise<string[]> {
  for (const frame of page.frames()) await frame.evaluate(AXE);
  return page.evaluate(async (values) => {
    const axe = Reflect.get(window, 'axe');
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values } });
    return violations.flatMap(({ id, nodes }: { id: string; nodes: { target: unknown; html: string }[] }) =>
      nodes.map(({ target, html }) => `${id}: ${JSON.stringify(target)} ${html.slice(0, 200)}`),
    );
  }, RULES);
}

/** A node as Chromium's Accessibility domain gives it, as far as it is read here. */
interface TreeNode {
  nodeId: string;
  ignored: boolean;
  role?: { value?: unknown };
  name?: { value?: unknown };
  value?: { value?: unknown };
  properties?: { name: string; value: { value?: unknown } }[];
  childIds?: string[];
}

/** Roles that no assistive technology tells of. */
const UNTOLD = new Set(['none', 'generic', 'InlineTextBox', 'ListMarker']);
const TOLD = [
  'pressed',
  'keyshortcuts',
  'live',
  'atomic',
  'disabled',
  'valuemin',
  'valuemax',
  'roledescription',
];

/** What assistive technology is told of the first element that fits `selector`: one node a line, children indented. */
export async function accessibilityTree(page: Page, selector: string): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send('Accessibility.enable');
  const { root } = await session.send('DOM.getDocument', { depth: 0 });
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector });
  const { node } = await session.send('DOM.describeNode', { nodeId });
  const found = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const nodes = new Map<string, TreeNode>(found.nodes.map((one) => [one.nodeId, one]));
  const top = found.nodes.find(({ backendDOMNodeId }) => backendDOMNodeId === node.backendNodeId);
  if (!top) throw new Error(`assistive technology is told nothing of ${selector}`);
  return linesOf(top, nodes, 0).join('\n');
}

function linesOf(node: TreeNode, nodes: ReadonlyMap<string, TreeNode>, depth: number): string[] {
  const role = String(node.role?.value);
  const isTold = !node.ignored && !UNTOLD.has(role);
  const children = (node.childIds ?? []).flatMap((id) => {
    const child = nodes.get(id);
    return child ? linesOf(child, nodes, depth + (isTold ? 1 : 0)) : [];
  });
  if (!isTold) return children;
  const name = node.name?.value ? ` ${JSON.stringify(node.name.value)}` : '';
  const value = node.value?.value === undefined ? '' : ` = ${JSON.stringify(node.value.value)}`;
  const properties = (node.properties ?? [])
    .filter((property) => TOLD.includes(property.name))
    .map((property) => ` ${property.name}:${String(property.value.value)}`);
  return [`${'  '.repeat(depth)}${role}${name}${value}${properties.join('')}`, ...children];
}
