/** The few parts of the DOM that the scripts use, as types only. */

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Input {
  readonly key: string;
  readonly clientX: number;
  readonly clientY: number;
  readonly pointerType: string;
  readonly target: Part | null;
  preventDefault(): void;
}

export interface Part {
  textContent: string | null;
  innerHTML: string;
  hidden: boolean;
  checked: boolean;
  className: string;
  tabIndex: number;
  readonly value: string;
  readonly dataset: { [name: string]: string | undefined };
  readonly style: { left: string; top: string };
  readonly classList: { toggle(name: string, on: boolean): void };
  readonly cells: ArrayLike<Part>;
  readonly cellIndex: number;
  readonly offsetWidth: number;
  readonly offsetHeight: number;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly scrollLeft: number;
  querySelector(selector: string): Part | null;
  querySelectorAll(selector: string): Iterable<Part>;
  closest(selector: string): Part | null;
  contains(other: Part | null): boolean;
  append(...parts: Part[]): void;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  getBoundingClientRect(): Box;
  checkVisibility(): boolean;
  addEventListener(type: string, listener: (event: Input) => void): void;
}

export interface Page extends Pick<Part, 'querySelectorAll' | 'querySelector' | 'addEventListener'> {
  readonly body: Part;
  getElementById(id: string): Part | null;
  createElement(name: string): Part;
}
