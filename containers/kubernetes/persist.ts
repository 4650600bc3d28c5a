/**
 * Retries requests to an API if that can help: it is overloaded, restarting or unreachable, or another client wrote
 * first.
 */
import { setTimeout as elapsed } from 'node:timers/promises';

export interface Patience {
  /** The deadline of one request including all retries. */
  readonly deadlineMs: number;
  /** The pause before the first retry. It doubles up to eight times this, unless the API says how long to wait. */
  readonly pauseMs: number;
  /** Aborts the waiting. */
  readonly signal: AbortSignal;
}

/** Conflict, too many requests, and the statuses of a restarting or overloaded API. */
const REPEATABLE = new Set([409, 429, 500, 502, 503, 504]);
const MOST_DOUBLINGS = 3;
const MOST_RETRY_AFTER_MS = 30_000;

interface ApiFailure {
  readonly code?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply has a number as its code; other errors mean that there was no reply. */
function isRepeatable(error: unknown): boolean {
  const { code } = error as ApiFailure;
  return typeof code === 'number' ? REPEATABLE.has(code) : isOfNetwork(error);
}

/** The errors of `fetch` if there is no reply. */
export function isOfNetwork(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** Seconds, as Kubernetes writes it. */
function retryAfterMs(error: unknown): number | null {
  const text = (error as ApiFailure).headers?.['retry-after'] ?? '';
  return /^\d{1,6}$/.test(text) ? Math.min(MOST_RETRY_AFTER_MS, 1000 * Number(text)) : null;
}

/**
 * @param described the error that the caller shall see
 *
 * @throws that error, immediately if a retry cannot help
 */
export async function persist<T>(
  question: () => Promise<T>,
  { deadlineMs, pauseMs, signal }: Patience,
  described: (error: unknown) => Error,
): Promise<T> {
  const begun = performance.now();
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    try {
      return await question();
    } catch (error) {
      const pause = retryAfterMs(error) ?? pauseMs * 2 ** Math.min(tries, MOST_DOUBLINGS);
      if (!isRepeatable(error) || performance.now() + pause > begun + deadlineMs) throw described(error);
      await elapsed(pause, undefined, { signal });
    }
  }
}
