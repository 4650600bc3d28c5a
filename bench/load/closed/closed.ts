/**
 * Closed-loop load at saturation through autocannon's programmatic API. Its client is used; its clock and its sums are
 * not: duration is rounded to 10 ms there and requests in flight at the stop are lost, so responses are counted here,
 * within a window of our own at whose ends the CPU accounts are read.
 */
import { performance } from 'node:perf_hooks';
import autocannon from 'autocannon';
import type { LoadOptions, Tally, Target } from '../protocol.ts';
import { Counts, readProcesses, SelfMeter, tally } from '../tally.ts';
import { cannonFor } from './cannon.ts';

export interface ClosedOptions extends Omit<LoadOptions<'closed'>, 'target'> {
  /** Called with the window's true start and end, on the clock of `performance.now()`. */
  readonly onWindow?: (fromMs: number, toMs: number) => void;
}

const TIMEOUT_SECONDS = 10;

/** @returns what was answered within the window */
export async function closedSlice(target: Target, options: ClosedOptions): Promise<Tally> {
  const counts = new Counts();
  let counting = false;
  let finish: (error: unknown) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve());
  });
  const { settings, expectedStatus, meanRequestBytes } = cannonFor(target, {
    connections: options.connections,
    timeout: TIMEOUT_SECONDS,
    // It is stopped by us; this is a limit in case that fails.
    duration: Math.ceil((options.rampMs + options.windowMs) / 1000) + TIMEOUT_SECONDS,
  });
  const instance = autocannon(settings, (error: unknown) => finish(error));
  instance.on('response', (_client: unknown, status: number, bytes: number) => {
    if (counting) counts.answered(Number(status), Number(status) === expectedStatus, meanRequestBytes, bytes);
  });
  instance.on('reqError', () => {
    if (counting) counts.failed++;
  });

  await elapsed(options.rampMs);
  const self = new SelfMeter();
  const before = readProcesses(target.processes);
  counting = true;
  await elapsed(options.windowMs);
  counting = false;
  const after = readProcesses(target.processes);
  const own = self.read();
  options.onWindow?.(before.atMs, after.atMs);
  instance.stop();
  await finished;
  return tally(target.key, counts, before, after, own);
}

/** Waits at least this long: the window's true length is read from the clock. */
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
