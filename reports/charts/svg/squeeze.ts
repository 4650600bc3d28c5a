/** The same picture in fewer elements: neighbours that look alike become one, and a group of one thing is that thing. */
import { shortPath } from './paths.ts';
import type { Element, Node } from './svg-tree.ts';

const isElement = (node: Node): node is Element => typeof node !== 'string';

/** Attributes that scripts look for: what carries them stays an element of its own. */
const HELD = ['data-tip', 'class'];
const isHeld = ({ attributes }: Element) => HELD.some((name) => attributes.has(name));

/** Everything but the place, to compare two elements. */
function looks({ tag, attributes }: Element, without?: string): string {
  const others = [...attributes].filter(([name]) => name !== without);
  return JSON.stringify([tag, others.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Paths that are drawn alike and hide nothing of each other; a transparent one would show where two lie on each other. */
const joins = (element: Element) =>
  element.tag === 'path' &&
  !isHeld(element) &&
  !element.attributes.has('opacity') &&
  !element.attributes.has('transform');

const withData = (element: Element, data: string): Element => ({
  ...element,
  attributes: new Map([...element.attributes].map(([name, value]) => [name, name === 'd' ? data : value])),
});

/** Neighbouring paths of one look become one path, and neighbouring groups of one look one group. */
function joined(nodes: readonly Node[]): Node[] {
  const kept: Node[] = [];
  for (const node of nodes) {
    const last = kept.at(-1);
    if (last === undefined || !isElement(last) || !isElement(node)) kept.push(node);
    else if (joins(last) && joins(node) && looks(last, 'd') === looks(node, 'd')) {
      kept[kept.length - 1] = withData(last, `${last.attributes.get('d')}${node.attributes.get('d')}`);
    } else if (last.tag === 'g' && !isHeld(last) && looks(last) === looks(node)) {
      kept[kept.length - 1] = { ...last, children: [...last.children, ...node.children] };
    } else kept.push(node);
  }
  return kept;
}

/** A group of one element is that element, unless both say the same of themselves. */
function unwrapped(group: Element): Element {
  const [only, ...others] = group.children;
  if (group.tag !== 'g' || only === undefined || others.length > 0 || !isElement(only)) return group;
  const names = [...group.attributes.keys()];
  if (names.some((name) => only.attributes.has(name))) return group;
  // A place within a moved group is moved too, but a slot is moved by the script, which a place must not hide.
  return { ...only, attributes: new Map([...group.attributes, ...only.attributes]) };
}

/** What cannot be seen needs no colour; it is there to be pointed at. */
function withoutColour(element: Element): Element {
  if (element.attributes.get('opacity') !== '0') return element;
  const kept = [...element.attributes].filter(([name]) => !/^(?:fill|stroke)/.test(name));
  return { ...element, attributes: new Map(kept) };
}

/** A path whose places count from its first one. */
const FROM_START = /^M(-?[\d.]+),?(-?[\d.]+)([^A-Z]*)$/;
const tenth = (amount: number) => `${Math.round(10 * amount) / 10}`;

/** @returns the node moved down by this many px; null if that takes more than changing one coordinate */
function lowered(node: Node, by: number): Node | null {
  if (!isElement(node) || node.attributes.has('transform')) return null;
  const { tag, attributes } = node;
  if (tag === 'g') {
    const children = node.children.map((child) => lowered(child, by)).filter((child) => child !== null);
    return children.length === node.children.length ? { ...node, children } : null;
  }
  const [, x, y, rest] = FROM_START.exec(attributes.get('d') ?? '') ?? [];
  if (tag === 'path')
    return y === undefined ? null : withData(node, shortPath(`M${x},${tenth(Number(y) + by)}${rest}`));
  const name = tag === 'circle' ? 'cy' : 'y';
  const place = attributes.get(name);
  if (place === undefined) return null;
  const moved = [...attributes].map(([key, value]) => [key, key === name ? tenth(Number(place) + by) : value] as const);
  return { ...node, attributes: new Map(moved) };
}

const DOWN = /^translate\(0,(-?[\d.]+)\)$/;

/** A group that is moved and no more is its parts, each in its place. */
function settled(node: Node): readonly Node[] {
  if (!isElement(node) || node.tag !== 'g' || node.attributes.size !== 1) return [node];
  const by = DOWN.exec(node.attributes.get('transform') ?? '')?.[1];
  if (by === undefined) return [node];
  const moved = node.children.map((child) => lowered(child, Number(by))).filter((child) => child !== null);
  return moved.length === node.children.length ? moved : [node];
}

function shortened(node: Node): Node {
  if (!isElement(node)) return node;
  const data = node.attributes.get('d');
  const own = data === undefined ? node : withData(node, shortPath(data));
  return { ...own, children: own.children.map(shortened).flatMap(settled) };
}

function alike(node: Node): Node {
  if (!isElement(node)) return node;
  // Groups that were joined may hold neighbours that can be, so the children come last, and once more.
  const children = joined(joined(node.children).map(alike));
  return withoutColour(unwrapped({ ...node, children }));
}

/** @param nodes the content of a drawing */
export function squeezed(nodes: readonly Node[]): Node[] {
  return joined(joined(nodes).map(alike)).map(shortened);
}
