/** What the script of the what-if panel uses of the DOM. */

export interface Node {
  textContent: string | null;
  hidden: boolean;
  disabled: boolean;
  checked: boolean;
  value: string;
  className: string;
  title: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  setAttribute(name: string, value: string): void;
  append(...parts: (Node | string)[]): void;
  replaceChildren(...parts: (Node | string)[]): void;
  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void;
  scrollIntoView(): void;
}
declare const document: {
  getElementById(id: string): Node | null;
  createElement(name: string): Node;
};

export const byId = (id: string) => document.getElementById(id);
/** A part of the panel. */
export const part = (id: string) => byId(`what-if-${id}`);

export function made(name: string, ...inside: (Node | string)[]): Node {
  const node = document.createElement(name);
  node.append(...inside);
  return node;
}

export function coded(name: string): Node {
  return made('code', name);
}
