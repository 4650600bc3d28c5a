/** Elements as vega writes them, which `render.ts` then shortens. */
import type { Element, Node } from '../svg/svg-tree.ts';

type Value = string | number | undefined;

/** Attributes that are undefined are omitted. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, Value>>,
  children: readonly Node[] = [],
): Element {
  const kept = new Map<string, string>();
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) kept.set(name, `${value}`);
  }
  return { tag, attributes: kept, children };
}

export const moved = (x: number, y: number) => `translate(${x},${y})`;

/** A translated group, with the inner group that vega writes around its content. */
export const placed = (x: number, y: number, children: readonly Node[]): Element =>
  element('g', { transform: moved(x, y) }, [element('g', {}, children)]);

export const kindOf = (name: string, children: readonly Node[]): Element => element('g', { class: name }, children);

type Baseline = 'top' | 'middle';

/** The distance from a text's position down to its baseline, in whole px, as vega estimates it. */
export const dropOf = (baseline: Baseline, fontSize: number) =>
  Math.round((baseline === 'top' ? 0.79 : 0.3) * fontSize);

const ANCHORS: Readonly<Record<string, string>> = { left: 'start', right: 'end', center: 'middle' };
export const anchorOf = (align: string): string | undefined => ANCHORS[align];
