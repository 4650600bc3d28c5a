/**
 * The same picture with fewer elements: neighbours with the same attributes are merged, and a group of one element
 * becomes that element.
 */
import { shortPath } from './paths.ts';
import type { Element, Node } from './svg-tree.ts';

const isElement = (node: Node): node is Element => typeof node !== 'string';

/** Attributes that scripts use: their elements are not merged. */
const HELD = ['data-tip', 'class'];
const isHeld = ({ attributes }: Element) => HELD.some((name) => attributes.has(name));

/** All attributes except the position, to compare two elements. */
function looks({ tag, attributes }: Element, without?: string): string {
  const others = [...attributes].filter(([name]) => name !== without);
  return JSON.stringify([tag, others.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Paths drawn alike that do not hide each other; a transparent one would show overlaps. */
const joins = (element: Element) =>
  element.tag === 'path' &&
  !isHeld(element) &&
  !element.attributes.has('opacity') &&
  !element.attributes.has('transform');

const withData = (element: Element, data: string): Element => ({
  ...element,
  attributes: new Map([...element.attributes].map(([name, value]) => [name, name === 'd' ? data : value])),
});

/** Merges neighbouring paths, and neighbouring groups, with the same attributes. */
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

/** Replaces a group of one element by that element, unless both have the same attribute. */
function unwrapped(group: Element): Element {
  const [only, ...others] = group.children;
  if (group.tag !== 'g' || only === undefined || others.length > 0 || !isElement(only)) return group;
  const names = [...group.attributes.keys()];
  if (names.some((name) => only.attributes.has(name))) return group;
  // A position within a translated group is translated too, but a slot is moved by the script, which must find its
  // transform.
  return { ...only, attributes: new Map([...group.attributes, ...only.attributes]) };
}

/** An invisible mark needs no colour; it exists for the pointer. */
function withoutColour(element: Element): Element {
  if (element.attributes.get('opacity') !== '0') return element;
  const kept = [...element.attributes].filter(([name]) => !/^(?:fill|stroke)/.test(name));
  return { ...element, attributes: new Map(kept) };
}

/** A path with coordinates relative to its first point. */
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

/** Replaces a group that only translates by its parts, each in its place. */
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
  // Merged groups may contain neighbours that can be merged, so the children come last, and twice.
  const children = joined(joined(node.children).map(alike));
  return withoutColour(unwrapped({ ...node, children }));
}

/** @param nodes the content of a drawing */
export function squeezed(nodes: readonly Node[]): Node[] {
  return joined(joined(nodes).map(alike)).map(shortened);
}
