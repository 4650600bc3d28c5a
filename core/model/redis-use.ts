/**
 * The part of Redis' CPU time that an arm causes, and the load that one Redis can carry: shared by figures, claims,
 * charts and advice. The report's page runs this file, so it imports only types.
 */
import type { Interval } from '../stats/interval.ts';

/** Fewer commands per request than this are rounding errors of a count over a whole run: Redis is not used. */
const LEAST_COMMANDS = 0.005;
const MICROSECONDS = 1e6;

/**
 * An idle Redis uses some CPU time, which is no cost of a request. @param cpuUs CPU time of Redis per request; null
 * if it was not measured @param commands per request; null if they were not counted
 */
export function ownRedisCpu(cpuUs: Interval | null, commands: Pick<Interval, 'value'> | null): Interval {
  if (cpuUs === null || (commands !== null && commands.value < LEAST_COMMANDS)) return { value: 0, low: 0, high: 0 };
  return { value: Math.max(0, cpuUs.value), low: Math.max(0, cpuUs.low), high: Math.max(0, cpuUs.high) };
}

/**
 * Requests a second at which one core of a store reaches the given utilisation: beyond that, sessions need more than
 * one. @param cpuUs the store's CPU time per request; for Redis, that of `ownRedisCpu` @param utilisation 0 to 1
 * @returns null if the arm does not use the store, or may not
 */
export function oneCoreLimit({ value, low, high }: Interval, utilisation: number): Interval | null {
  if (low <= 0) return null;
  const rate = (cpuUs: number) => (utilisation * MICROSECONDS) / cpuUs;
  return { value: rate(value), low: rate(high), high: rate(low) };
}
