import { performance } from 'node:perf_hooks';

/** Waits at least this long: the true duration is read from the clock. */
export function elapsed(ms: number): Promise<void> {
  const until = performance.now() + ms;
  return new Promise((resolve) => {
    const check = () => {
      const left = until - performance.now();
      if (left <= 0) resolve();
      else setTimeout(check, Math.max(1, left));
    };
    check();
  });
}
