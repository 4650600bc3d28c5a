/** Renders a drawing as SVG text, inlined into a page or as a separate file. */
import { html, trusted } from '../../html.ts';
import { drawnDirectly } from '../direct/drawing.ts';
import { withShared } from '../svg/shared.ts';
import { squeezed } from '../svg/squeeze.ts';
import { type Element, type Node, parseSvg, writeSvg } from '../svg/svg-tree.ts';
import type { Drawing, Words } from './drawing.ts';
import { darkChartRules, FONT, FONT_SIZE, SURFACE } from './theme.ts';

/** Attributes to drop: Vega's descriptions of marks for screen readers, and those that are equal in the whole chart. */
const DROPPED = /^(?:class|role|aria-.*|pointer-events|font-family|stroke-miterlimit)$/;
const DEFAULTS: Readonly<Record<string, string>> = {
  opacity: '1',
  'font-size': `${FONT_SIZE}px`,
  'font-weight': 'normal',
  'stroke-dasharray': '1,0',
  'stroke-linecap': 'butt',
  'text-anchor': 'start',
  x2: '0',
  y2: '0',
};
/** Set once for neighbours that share them. */
const SHARED = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'font-weight', 'text-anchor'];
const GEOMETRY = new Set(['transform', 'd', 'x', 'y', 'x2', 'y2', 'x1', 'y1', 'width', 'height']);

/** A tenth of a pixel is more than an eye can see. */
const rounded = (text: string) =>
  text.replace(/-?\d*\.\d+(?:e-?\d+)?/g, (number) => `${Math.round(Number(number) * 10) / 10 || 0}`);

const isElement = (node: Node): node is Element => typeof node !== 'string';

function own({ attributes }: Element): Map<string, string> {
  const kept = new Map<string, string>();
  for (const [name, value] of attributes) {
    if (DROPPED.test(name) || DEFAULTS[name] === value) continue;
    kept.set(name, GEOMETRY.has(name) ? rounded(value) : value);
  }
  if (!kept.has('stroke')) kept.delete('stroke-width');
  return kept;
}

const CIRCLE = /^M([\d.]+),0A\1,\1,0,1,1,-[\d.]+,0A\1,\1,0,1,1,\1,0$/;
const TRANSLATED = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/;

/** The element in fewer characters; null if it is invisible, such as a line without a length. */
function brief(element: Element): Element | null {
  const { tag, attributes } = element;
  const place = TRANSLATED.exec(attributes.get('transform') ?? '');
  if (tag === 'line' && !attributes.has('x2') && !attributes.has('y2')) return null;
  if (place === null) return element;
  const [, x = '', y = ''] = place;
  if (tag === 'line') {
    const [dx, dy] = ['x2', 'y2'].map((name) => attributes.get(name));
    const kept = [...attributes].filter(([name]) => !['transform', 'x2', 'y2'].includes(name));
    const by = dx === undefined ? `v${dy}` : dy === undefined ? `h${dx}` : `l${dx},${dy}`;
    return { ...element, tag: 'path', attributes: new Map([['d', `M${x},${y}${by}`], ...kept]) };
  }
  if (tag !== 'text' && tag !== 'path') return element;
  const radius = CIRCLE.exec(attributes.get('d') ?? '')?.[1];
  const others = [...attributes].filter(([name]) => name !== 'transform' && name !== 'd');
  if (tag === 'path') {
    return radius === undefined
      ? element
      : { ...element, tag: 'circle', attributes: new Map([['cx', x], ['cy', y], ['r', radius], ...others]) };
  }
  // Attributes of these names move a text further.
  if (attributes.has('x') || attributes.has('y')) return element;
  return { ...element, attributes: new Map([['x', x], ['y', y], ...others]) };
}

/** A mark that is drawn for every row of data, and is the same for all, is drawn once. */
function once(elements: readonly Element[]): readonly Element[] {
  const seen = new Set<string>();
  return elements.filter((element) => {
    const markup = writeSvg(element);
    return !seen.has(markup) && seen.add(markup);
  });
}

/** A group, with what all of its parts share. */
function grouped(attributes: ReadonlyMap<string, string>, children: readonly Node[]): Element {
  const elements = children.filter(isElement);
  const [first] = elements;
  const lifted = new Map(attributes);
  for (const name of SHARED) {
    const value = first?.attributes.get(name);
    if (value === undefined || lifted.has(name) || elements.length !== children.length) continue;
    if (elements.every((one) => one.attributes.get(name) === value)) lifted.set(name, value);
  }
  if (elements.length !== children.length) return { tag: 'g', attributes: lifted, children };
  const left = elements.flatMap((one): readonly Node[] => {
    const kept = [...one.attributes].filter(([name, value]) => attributes.has(name) || lifted.get(name) !== value);
    const rest = { ...one, attributes: new Map(kept) };
    return rest.tag === 'g' ? flat(rest) : [rest];
  });
  return { tag: 'g', attributes: lifted, children: left };
}

/** A group that does nothing is its content. */
function flat(group: Element): readonly Node[] {
  if (group.children.length === 0) return [];
  return group.attributes.size === 0 ? group.children : [group];
}

interface Bucket {
  readonly attributes: Map<string, string>;
  readonly items: (Node | Bucket)[];
  /** A slot's content stands as far up as the slot stands down. */
  readonly shift: number;
}

const isBucket = (item: Node | Bucket): item is Bucket => typeof item !== 'string' && 'items' in item;

function built(items: readonly (Node | Bucket)[]): Node[] {
  return items.map((item) => {
    if (!isBucket(item)) return item;
    const content = built(item.items);
    if (item.shift === 0) return grouped(item.attributes, content);
    return grouped(item.attributes, [grouped(new Map([['transform', `translate(0,${-item.shift})`]]), content)]);
  });
}

/** Takes marks out of vega's groups of one kind, and puts together what belongs to a row, an arm or a figure. */
class Regrouped {
  readonly items: (Node | Bucket)[] = [];
  readonly #buckets = new Map<string, Bucket>();
  readonly #rowHeight: number;

  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight;
  }

  #bucket(key: string, within: (Node | Bucket)[], attributes: Record<string, string>, shift = 0): Bucket {
    const found = this.#buckets.get(key);
    if (found !== undefined) return found;
    const bucket = { attributes: new Map(Object.entries(attributes)), items: [], shift };
    this.#buckets.set(key, bucket);
    within.push(bucket);
    return bucket;
  }

  add(item: Element, { arm, tip, slot }: Words): void {
    let within = this.items;
    let key = '';
    const ofArm: Record<string, string> = arm === undefined ? {} : { 'data-arm': arm };
    if (slot !== undefined) {
      const shift = slot * this.#rowHeight;
      key = `slot ${slot}`;
      within = this.#bucket(key, within, { ...ofArm, class: 'slot', transform: `translate(0,${shift})` }, shift).items;
    } else if (arm !== undefined) {
      key = `arm ${arm}`;
      within = this.#bucket(key, within, ofArm).items;
    }
    if (tip) within = this.#bucket(`${key} tip ${tip}`, within, { 'data-tip': tip }).items;
    within.push(item);
  }
}

/** Charts write descriptions themselves; another is vega's own, of a part that is not told. */
function wordsIn({ attributes }: Element): Words | null {
  const label = attributes.get('aria-label');
  return label?.startsWith('{') ? JSON.parse(label) : null;
}

const IGNORED = /^(?:background|foreground)$/;

function rewritten(parent: Element, drawing: Drawing): Node[] {
  const regrouped = new Regrouped(drawing.rowHeight ?? 0);
  const isCell = /(?:^|[ _])cell(?: |$)/.test(parent.attributes.get('class') ?? '');
  let panel = 0;
  for (const child of parent.children) {
    if (!isElement(child)) {
      regrouped.items.push(child);
      continue;
    }
    if (IGNORED.test(child.attributes.get('class') ?? '')) continue;
    const attributes = own(child);
    if (child.tag === 'text' && child.children.length === 0) continue;
    if (child.tag !== 'g') {
      const shown = brief({ ...child, attributes });
      if (shown !== null) regrouped.items.push(shown);
      continue;
    }
    const marks = child.children.filter(isElement);
    const told = marks.map(wordsIn);
    if (told.some((words) => words !== null)) {
      for (const [i, mark] of marks.entries()) {
        const shown = brief({ ...mark, attributes: own(mark) });
        if (shown !== null) regrouped.add(shown, told[i] ?? {});
      }
      continue;
    }
    if (isCell && drawing.panels !== undefined) {
      attributes.set('class', 'slot').set('data-arm', drawing.panels[panel++] ?? '');
    } else if (attributes.get('transform') === 'translate(0,0)') attributes.delete('transform');
    const content = rewritten(child, drawing);
    const shared = content.every((part) => isElement(part) && part.tag === 'path')
      ? once(content as Element[])
      : content;
    regrouped.items.push(...flat(grouped(attributes, shared)));
  }
  return built(regrouped.items);
}

/** Makes the SVG of a tree as vega writes it. */
function svgFrom(root: Node | undefined, drawing: Drawing, title: string): string {
  if (root === undefined || !isElement(root)) throw new Error(`The chart "${title}" did not render: check its spec.`);
  // The first child is vega's background.
  const body = rewritten(
    { ...root, children: root.children.filter((one) => isElement(one) && one.tag === 'g') },
    drawing,
  );
  const [w, h] = [Math.ceil(drawing.width), Math.ceil(drawing.height)];
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${title}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-size="${FONT_SIZE}">${trusted(withShared(squeezed(body), `${title} ${w}`).map(writeSvg).join(''))}</svg>`
    .markup;
}

/** With vega, which understands every spec. */
export async function renderByVega(drawing: Drawing, title: string): Promise<string> {
  const { svgOf } = await import('./engine.ts');
  return svgFrom(parseSvg(await svgOf(drawing)).children[0], drawing, title);
}

/**
 * One SVG for inlining into a page: it scales down with its container, and is announced as one image. Its sentence is
 * next to it, so its name is only the title.
 */
export async function renderChart(drawing: Drawing, title: string): Promise<string> {
  const drawn = drawnDirectly(drawing);
  return drawn === null ? renderByVega(drawing, title) : svgFrom(drawn, drawing, title);
}

/**
 * The SVG as a separate file: with its font, its sentence and a background, and dark if the reader's system is dark.
 */
export function standalone(svg: string, sentence: string): string {
  const style = html`<style>${trusted(`@media (prefers-color-scheme:dark){${darkChartRules('.chart')}}`)}</style>`;
  const first = html`<title>${sentence}</title>${style}<rect width="100%" height="100%" fill="${SURFACE}"/>`;
  const font = html` font-family="${FONT}">`;
  return svg.replace('>', () => `${font.markup}${first.markup}`);
}
