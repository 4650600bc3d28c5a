/**
 * The part of Redis' CPU time that an arm causes, and the load that one Redis can carry: one definition for figures,
 * claims, charts and advice. The report's page runs this file, so it imports only types.
 */
import type { Interval } from '../stats/interval.ts';

/** Commands per request below which Redis is asked for nothing: what a count of a whole run rounds to. */
const LEAST_COMMANDS = 0.005;
const MICROSECONDS = 1e6;

/**
 * A Redis that is asked for nothing burns some CPU time, which no request costs.
 * @param cpuUs CPU time of Redis per request; null where it was not measured
 * @param commands that a request sends; null where they were not counted
 */
export function ownRedisCpu(cpuUs: Interval | null, commands: Pick<Interval, 'value'> | null): Interval {
  if (cpuUs === null || (commands !== null && commands.value < LEAST_COMMANDS)) return { value: 0, low: 0, high: 0 };
  return { value: Math.max(0, cpuUs.value), low: Math.max(0, cpuUs.low), high: Math.max(0, cpuUs.high) };
}

/**
 * Requests a second at which one core of a store is as busy as it may be: beyond it, sessions need more than one.
 * @param cpuUs the store's CPU time per request, for Redis as of `ownRedisCpu`
 * @param utilisation how busy, 0 to 1
 * @returns null for an arm that does not use the store, or whose use may be none
 */
export function oneCoreLimit({ value, low, high }: Interval, utilisation: number): Interval | null {
  if (low <= 0) return null;
  const rate = (cpuUs: number) => (utilisation * MICROSECONDS) / cpuUs;
  return { value: rate(value), low: rate(high), high: rate(low) };
}
