/** Requests of a search that ends: it may send hundreds, each may wait for seconds, and a reply may suggest millions more. */
import { type TollgateError, usageError } from '../../core/errors.ts';
import { type Ask, sent } from '../flow/login.ts';

export interface SearchLimits {
  readonly requests: number;
  readonly ms: number;
}

/** A search of all usual paths sends some hundred requests to a service that it does not understand. */
export const SEARCH_LIMITS: SearchLimits = { requests: 5000, ms: 180_000 };

export interface Search {
  /** Sends as `sent` does; throws once the search was interrupted or has reached a limit, and waits for no answer then. */
  readonly ask: Ask;
  /** The search is over: its time no longer counts. */
  readonly finish: () => void;
}

/** @param signal interrupts the search with its reason */
export function startSearch(signal: AbortSignal, limits: SearchLimits): Search {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLong(`${limits.ms / 1000} s`)), limits.ms);
  const ending = AbortSignal.any([signal, late.signal]);
  let asked = 0;
  return {
    async ask(endpoint, call, timeoutMs) {
      ending.throwIfAborted();
      if (asked++ >= limits.requests) throw tooLong(`${limits.requests} requests`);
      const { promise: ended, reject } = Promise.withResolvers<never>();
      const end = () => reject(ending.reason);
      ending.addEventListener('abort', end, { once: true });
      try {
        return await Promise.race([sent(endpoint, call, timeoutMs), ended]);
      } finally {
        ending.removeEventListener('abort', end);
      }
    },
    finish: () => clearTimeout(timer),
  };
}

const tooLong = (limit: string): TollgateError =>
  usageError(
    `the search for a login and a logout was ended after ${limit}`,
    'give the paths with --login and --guarded; or write service.json by hand',
  );
