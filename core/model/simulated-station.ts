/** One station of the simulation: requests bring work, in seconds of one server, and the station schedules them. */
import { EventQueue } from './event-queue.ts';

export interface StationRules {
  /** `fifo`: as many as there are servers, in order. `sharing`: all at once, with equal shares. */
  readonly discipline: 'fifo' | 'sharing';
  readonly servers: number;
  /** Work done per second by the whole station with n ≥ 1 requests. For plain servers: min(n, servers). */
  readonly speed: (present: number) => number;
}

export class SimulatedStation<T> {
  readonly #rules: StationRules;
  readonly #waiting: { readonly item: T; readonly work: number }[] = [];
  #firstWaiting = 0;
  /** Requests in service, by the attained service at which they finish: all are served at the same rate. */
  readonly #serving = new EventQueue<T>();
  /** Service attained by each request in service, counted from the start. */
  #served = 0;
  #lastChange = 0;
  #busyTime = 0;
  #presentTime = 0;

  constructor(rules: StationRules) {
    this.#rules = rules;
  }

  get present(): number {
    return this.#serving.size + this.#waiting.length - this.#firstWaiting;
  }

  /** When the next request finishes, if none arrives before. */
  get nextDone(): number {
    return this.#serving.size === 0
      ? Number.POSITIVE_INFINITY
      : this.#lastChange + (this.#serving.nextTime - this.#served) / this.#rate();
  }

  arrive(now: number, item: T, work: number): void {
    this.#advance(now);
    if (this.#rules.discipline === 'sharing' || this.#serving.size < this.#rules.servers) {
      this.#serving.push(this.#served + work, item);
    } else {
      this.#waiting.push({ item, work });
    }
  }

  /** Removes the request that finishes at `now`, which must be `nextDone`. */
  finish(now: number): T | undefined {
    this.#advance(now);
    const done = this.#serving.pop();
    const next = this.#waiting[this.#firstWaiting];
    if (next !== undefined) {
      this.#firstWaiting++;
      this.#serving.push(this.#served + next.work, next.item);
      // Removed in bulk: shifting an array one by one costs its length each time.
      if (this.#firstWaiting > 1024 && this.#firstWaiting * 2 > this.#waiting.length) {
        this.#waiting.splice(0, this.#firstWaiting);
        this.#firstWaiting = 0;
      }
    }
    return done;
  }

  /** Busy time, and the time integral of the number present, since the last call. */
  takeTotals(now: number): { readonly busy: number; readonly present: number } {
    this.#advance(now);
    const totals = { busy: this.#busyTime, present: this.#presentTime };
    this.#busyTime = 0;
    this.#presentTime = 0;
    return totals;
  }

  #rate(): number {
    return this.#rules.speed(this.present) / this.#serving.size;
  }

  #advance(now: number): void {
    const elapsed = now - this.#lastChange;
    if (this.#serving.size > 0) {
      this.#served += elapsed * this.#rate();
      this.#busyTime += elapsed;
      this.#presentTime += elapsed * this.present;
    }
    this.#lastChange = now;
  }
}
