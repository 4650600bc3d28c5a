/** Requests of a search that can be interrupted: it may send hundreds, and each may wait for seconds. */
import { type Ask, sent } from '../flow/login.ts';

/** Sends as `sent` does. What it returns throws the signal's reason once it is interrupted, and waits for no answer then. */
export function askUntil(signal: AbortSignal): Ask {
  return async (endpoint, call, timeoutMs) => {
    signal.throwIfAborted();
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    const interrupt = () => reject(signal.reason);
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      return await Promise.race([sent(endpoint, call, timeoutMs), interrupted]);
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  };
}
