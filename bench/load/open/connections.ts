/** The connections of the open loop to one target: which are idle, how many there are, when to open another. */
import type { Done } from '../connection/connection.ts';
import { Queue } from './queue.ts';

/** The operations that the open loop needs of a connection. */
export interface Link {
  readonly closed: boolean;
  send(request: Buffer, done: Done): void;
  close(): void;
}

/** The delay after a failed attempt to connect: a server that is down must not be flooded. */
const RETRY_MICROS = 100_000;

export class TargetConnections<Waiting> {
  /** Due requests for which no connection was free, in order of their intended time. */
  readonly waiting = new Queue<Waiting>();
  readonly #idle = new Queue<Link>();
  readonly #links = new Set<Link>();
  readonly #base: number;
  readonly #limit: number;
  #opening = 0;
  #retryAtMicros = Number.NEGATIVE_INFINITY;

  /** @param base number kept open @param limit number allowed when all are busy */
  constructor(base: number, limit: number) {
    this.#base = base;
    this.#limit = limit;
  }

  get size(): number {
    return this.#links.size;
  }

  /** The connection that has been idle for longest, so that all are used evenly; null if all are busy. */
  take(onLost: () => void): Link | null {
    for (;;) {
      const link = this.#idle.shift();
      if (link === undefined) return null;
      if (!link.closed) return link;
      this.#links.delete(link);
      onLost();
    }
  }

  release(link: Link): void {
    this.#idle.push(link);
  }

  /** Closes a connection permanently. */
  drop(link: Link): void {
    this.#links.delete(link);
    link.close();
  }

  wantsAnother(nowMicros: number): boolean {
    if (nowMicros < this.#retryAtMicros) return false;
    const total = this.#links.size + this.#opening;
    return total < this.#base || (total < this.#limit && this.#opening < this.waiting.size);
  }

  opening(): void {
    this.#opening++;
  }

  opened(link: Link): void {
    this.#opening--;
    this.#links.add(link);
  }

  openFailed(nowMicros: number): void {
    this.#opening--;
    this.#retryAtMicros = nowMicros + RETRY_MICROS;
  }

  closeAll(): void {
    for (const link of this.#links) link.close();
    this.#links.clear();
  }
}
