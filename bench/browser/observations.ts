/** What the witness has observed, and waiting for it. */

/** One request to the application's API. It holds no credential, only whether there was one. */
export interface Seen {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  /** The origin of the requesting page; null if the browser did not send it. */
  readonly origin: string | null;
  readonly preflight: boolean;
  readonly cookie: boolean;
  readonly authorization: boolean;
  /** The status of the replica's answer. */
  readonly status: number;
  /** The sender and recipient of an accepted transfer. */
  readonly transferred: { readonly from: string; readonly to: string } | null;
  /** The `detail` of a refusal. */
  readonly detail: string;
  /** Whether the request belongs to this trial. */
  readonly isOf: (marker: string) => boolean;
}

const WAIT_MS = 5_000;

export class Observations {
  readonly #seen: Seen[] = [];
  readonly #loot = new Map<string, readonly string[]>();
  readonly #listeners = new Set<() => void>();
  readonly #waitMs: number;

  /** @param waitMs the longest time that anything is waited for */
  constructor(waitMs = WAIT_MS) {
    this.#waitMs = waitMs;
  }

  get seen(): readonly Seen[] {
    return this.#seen;
  }

  see(seen: Seen): void {
    this.#seen.push(seen);
    this.#notify();
  }

  /** @param found what an injected script sent under this marker */
  collect(marker: string, found: readonly string[]): void {
    this.#loot.set(marker, found);
    this.#notify();
  }

  /** @returns the first request of this kind since the beginning; null if none came in time */
  first(wanted: (seen: Seen) => boolean): Promise<Seen | null> {
    return this.#wait(() => this.#seen.find(wanted) ?? null);
  }

  /** @returns null if nothing came in time */
  collected(marker: string): Promise<readonly string[] | null> {
    return this.#wait(() => this.#loot.get(marker) ?? null);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** @returns null if `find` found nothing in time */
  #wait<T>(find: () => T | null): Promise<T | null> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found !== null) settle(found);
      };
      const timer = setTimeout(() => settle(null), this.#waitMs);
      const settle = (result: T | null) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(result);
      };
      this.#listeners.add(look);
      look();
    });
  }
}
