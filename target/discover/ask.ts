/** Interruptible requests of a search, which may send hundreds that each take seconds. */
import { type Ask, sent } from '../flow/login.ts';

/** Like `sent`, but the returned function throws the signal's reason once interrupted, without waiting for an answer. */
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
