/** A binary heap of items by time, earliest first; items with equal times come in insertion order. */
export class EventQueue<T> {
  readonly #heap: { readonly time: number; readonly order: number; readonly item: T }[] = [];
  #put = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Time of the earliest; Infinity if there is none. */
  get nextTime(): number {
    return this.#heap[0]?.time ?? Number.POSITIVE_INFINITY;
  }

  push(time: number, item: T): void {
    const heap = this.#heap;
    const entry = { time, order: this.#put++, item };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !earlier(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Removes the earliest item; undefined if there is none. */
  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.item;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const [a, b] = [heap[left], heap[right]];
      if (a === undefined) break;
      const [child, place] = b !== undefined && earlier(b, a) ? [b, right] : [a, left];
      if (!earlier(child, last)) break;
      heap[at] = child;
      at = place;
    }
    heap[at] = last;
    return first.item;
  }
}

interface Ordered {
  readonly time: number;
  readonly order: number;
}

function earlier(a: Ordered, b: Ordered): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
