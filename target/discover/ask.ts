/** Requests of a search that ends: it may send hundreds, each may wait for seconds, and a reply may suggest millions more. */
import type { Answer } from '../../bench/gate/http.ts';
import { runError, type TollgateError, usageError } from '../../core/errors.ts';
import { type Ask, sent, shownPath } from '../flow/login.ts';

export interface SearchLimits {
  readonly requests: number;
  readonly ms: number;
}

/** A search of all usual paths sends some hundred requests to a service that it does not understand. */
export const SEARCH_LIMITS: SearchLimits = { requests: 5000, ms: 180_000 };

export interface Search {
  /**
   * Sends as `sent` does; throws once the search was interrupted or has reached a limit, its own or one of the service
   * (429), and waits for no answer then.
   */
  readonly ask: Ask;
  /** Aborts with the reason once the search is over: a request that failed then says nothing about the service. */
  readonly signal: AbortSignal;
  /** The search is over: its time no longer counts. */
  readonly finish: () => void;
}

/** @param signal interrupts the search with its reason */
export function startSearch(signal: AbortSignal, limits: SearchLimits): Search {
  const limited = new AbortController();
  const timer = setTimeout(() => limited.abort(tooLong(`${limits.ms / 1000} s`)), limits.ms);
  const ending = AbortSignal.any([signal, limited.signal]);
  let asked = 0;
  return {
    signal: ending,
    async ask(endpoint, call, timeoutMs) {
      if (asked++ >= limits.requests) limited.abort(tooLong(`${limits.requests} requests`));
      ending.throwIfAborted();
      const { promise: ended, reject } = Promise.withResolvers<never>();
      const end = () => reject(ending.reason);
      ending.addEventListener('abort', end, { once: true });
      try {
        const answer = await Promise.race([sent(endpoint, call, timeoutMs), ended]);
        if (answer.status === 429) limited.abort(tooMany(`${call.method} ${shownPath(call.path)}`, answer));
        ending.throwIfAborted();
        return answer;
      } finally {
        ending.removeEventListener('abort', end);
      }
    },
    finish: () => clearTimeout(timer),
  };
}

const tooLong = (limit: string): TollgateError =>
  usageError(
    `the search for a login, a logout and a refresh was ended after ${limit}`,
    'give the paths with --login and --guarded; or write service.json by hand',
  );

function tooMany(request: string, { header }: Answer): TollgateError {
  const seconds = header('retry-after') ?? '';
  const later = /^\d{1,6}$/.test(seconds) ? `in ${seconds} s` : 'later';
  return runError(
    `${request} returned 429: the service limits requests, and the search was ended`,
    `raise its limit for this run, or try again ${later}`,
  );
}
