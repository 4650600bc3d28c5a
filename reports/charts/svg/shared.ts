/** Moves the elements with which all panels begin, such as grid, axis and the lines of all arms, into one definition. */
import { createHash } from 'node:crypto';
import { type Element, type Node, writeSvg } from './svg-tree.ts';

/** The minimum number of characters to save, because the references need some. */
const LEAST_SAVED = 100;
const ID_LENGTH = 8;

const isSlot = (node: Node): node is Element => typeof node !== 'string' && node.attributes.get('class') === 'slot';

/** The number of leading children that are the same in all slots. */
function alikeFrom(slots: readonly Element[]): number {
  const [first, ...others] = slots.map(({ children }) => children.map(writeSvg));
  const end = (first ?? []).findIndex((own, i) => others.some((other) => other[i] !== own));
  return end === -1 ? (first?.length ?? 0) : end;
}

function inParent(parent: Element, drawing: string): Element {
  const children = parent.children.map((child) => (typeof child === 'string' ? child : inParent(child, drawing)));
  const slots = children.filter(isSlot);
  const [first] = slots;
  const count = alikeFrom(slots);
  const shared = first?.children.slice(0, count) ?? [];
  const markup = shared.map(writeSvg).join('');
  if (first === undefined || markup.length * (slots.length - 1) < LEAST_SAVED) return { ...parent, children };
  // The id must be unique within the page, where panels of several drawings may begin with the same elements.
  const hash = createHash('sha256').update(drawing).update(children.map(writeSvg).join(''));
  const id = `s${hash.digest('hex').slice(0, ID_LENGTH)}`;
  // CSS selectors do not match a `use` through its ancestors, so the class is repeated here for the dark colours.
  const drawn: Element = {
    tag: 'g',
    attributes: new Map([
      ['id', id],
      ['class', 'chart'],
    ]),
    children: shared,
  };
  const use: Element = { tag: 'use', attributes: new Map([['href', `#${id}`]]), children: [] };
  const used = children.map((child) =>
    isSlot(child) ? { ...child, children: [use, ...child.children.slice(count)] } : child,
  );
  // Within `defs` it is drawn only where it is used, even if the first panel is hidden.
  return { ...parent, children: [{ tag: 'defs', attributes: new Map(), children: [drawn] }, ...used] };
}

/**
 * @param nodes the content of a drawing
 * @param drawing distinguishes it from other drawings with the same content
 */
export function withShared(nodes: readonly Node[], drawing: string): readonly Node[] {
  return inParent({ tag: '', attributes: new Map(), children: nodes }, drawing).children;
}
