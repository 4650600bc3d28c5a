import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

/** A fast path and a slow one, like a cache with one miss in ten. */
export const bimodal: Kind = {
  name: 'bimodal',
  title: '1 ms for 90 %, 20 ms for 10 %',
  load: QUIET_LOAD,
  percentiles: [50, 75, 95, 99],
  seenByClosedLoop: true,
  treat: (nth) => ({ delayMicros: nth % 10 === 4 ? 20_000 : 1000, status: 200, burnMicros: 0 }),
  truth: asServed,
};
