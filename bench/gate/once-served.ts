/**
 * Repeats requests to a server whose store was late. If a busy machine stalls for a second, the server gives up waiting for its
 * store and answers 503. That does not tell whether a credential is still accepted.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './http.ts';

const UNAVAILABLE = 503;
const WITHIN_MS = 5_000;
const EVERY_MS = 20;

/** The time for which requests may be repeated in total. Requests that wait at once spend it once. */
class Patience {
  #leftMs: number;
  #waiting = 0;
  #sinceMs = 0;

  constructor(totalMs: number) {
    this.#leftMs = totalMs;
  }

  isSpent(): boolean {
    return this.#leftMs <= (this.#waiting === 0 ? 0 : performance.now() - this.#sinceMs);
  }

  async during<T>(wait: () => Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#sinceMs = performance.now();
    try {
      return await wait();
    } finally {
      if (--this.#waiting === 0) this.#leftMs -= performance.now() - this.#sinceMs;
    }
  }
}

const shared = new AsyncLocalStorage<Patience>();

/**
 * Lets the requests of `run` share this time, in ms: once a lasting fault has spent it, each 503 is returned at once, so
 * that it is seen before the time of a check is over.
 */
export function withPatience<T>(totalMs: number, run: () => T): T {
  return shared.run(new Patience(totalMs), run);
}

/** @returns the first answer that is not 503, or the last one when the time is over */
export async function onceServed<A extends Pick<Answer, 'status'> | null>(
  ask: () => Promise<A>,
  withinMs = WITHIN_MS,
): Promise<A> {
  const untilMs = performance.now() + withinMs;
  const first = await ask();
  if (first?.status !== UNAVAILABLE) return first;
  const patience = shared.getStore() ?? new Patience(withinMs);
  return patience.during(async () => {
    let answer: A = first;
    while (answer?.status === UNAVAILABLE && performance.now() <= untilMs && !patience.isSpent()) {
      await sleep(EVERY_MS);
      answer = await ask();
    }
    return answer;
  });
}
