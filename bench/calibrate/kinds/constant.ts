import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

/** Every request takes the same time. */
export function constant(delayMs: number): Kind {
  return {
    name: `constant-${delayMs}ms`,
    title: `${delayMs} ms for every request`,
    load: QUIET_LOAD,
    percentiles: [50, 90, 95, 99],
    seenByClosedLoop: true,
    treat: () => ({ delayMicros: delayMs * 1000, status: 200, burnMicros: 0 }),
    truth: asServed,
  };
}
