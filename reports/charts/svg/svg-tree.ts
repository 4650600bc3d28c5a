/** Parses vega's SVG text into a tree, and writes it. It is well formed, and each attribute is quoted. */
import { unescapeEntities } from '../../../core/text/entities.ts';
import { escapeHtml } from '../../html.ts';

export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Node[];
}

export type Node = Element | string;

interface Open {
  readonly tag: string;
  readonly attributes: Map<string, string>;
  readonly children: Node[];
}

const TOKEN = /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>|([^<]+)/g;
const ATTRIBUTE = /([\w:-]+)="([^"]*)"/g;

/** @returns the root element's parent */
export function parseSvg(markup: string): Element {
  const root: Open = { tag: '', attributes: new Map(), children: [] };
  const open: Open[] = [root];
  for (const [, closing, tag = '', attributes = '', single, text] of markup.matchAll(TOKEN)) {
    const parent = open.at(-1) ?? root;
    if (text !== undefined) parent.children.push(unescapeEntities(text));
    else if (closing === '/') open.pop();
    else {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(
        ([, name = '', value = '']) => [name, unescapeEntities(value)] as const,
      );
      const element: Open = { tag, attributes: new Map(pairs), children: [] };
      parent.children.push(element);
      if (single !== '/') open.push(element);
    }
  }
  return root;
}

export function writeSvg(node: Node): string {
  if (typeof node === 'string') return escapeHtml(node);
  const inner = node.children.map(writeSvg).join('');
  if (node.tag === '') return inner;
  const attributes = [...node.attributes].map(([name, value]) => ` ${name}="${escapeHtml(value)}"`).join('');
  return inner === '' ? `<${node.tag}${attributes}/>` : `<${node.tag}${attributes}>${inner}</${node.tag}>`;
}
