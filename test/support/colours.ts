import type { Page } from 'playwright-core';

/** Red, green and blue, 0…255. */
export type Colour = readonly [number, number, number];

/** WCAG 2.2, "contrast ratio": 1…21. */
export function contrastBetween(one: Colour, other: Colour): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * The colour that `property` has on a part of a player, and the one behind it: that of the nearest background around
 * `behind`. Undefined where the part is not to be seen.
 */
export async function coloursOf(
  page: Page,
  player: string,
  part: string,
  property: string,
  behind: string,
): Promise<{ front: Colour; behind: Colour } | undefined> {
  return page.evaluate(
    (asked) => {
      const root = document.querySelector(asked.player)?.shadowRoot;
      const front = root?.querySelector(asked.part);
      if (!front?.checkVisibility()) return undefined;
      const canvas = new OffscreenCanvas(1, 1).getContext('2d');
      /** Whatever notation the browser computes, as the screen shows it; undefined for what shines through. */
      const shown = (colour: string): readonly [number, number, number] | undefined => {
        if (!canvas) return undefined;
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0, alpha] = canvas.getImageData(0, 0, 1, 1).data;
        return alpha === 255 ? [red, green, blue] : undefined;
      };
      let holder = root?.querySelector(asked.behind);
      let back;
      while (holder && !(back = shown(getComputedStyle(holder).backgroundColor))) {
        const around: Node | null = holder.parentNode;
        holder = around instanceof ShadowRoot ? around.host : holder.parentElement;
      }
      const colour = shown(getComputedStyle(front).getPropertyValue(asked.property));
      return colour && back ? { front: colour, behind: back } : undefined;
    },
    { player, part, property, behind },
  );
}
