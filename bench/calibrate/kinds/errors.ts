import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

/** One request in a hundred is refused. */
export const errors: Kind = {
  name: 'errors',
  title: '1 ms, and a 503 for 1 %',
  load: QUIET_LOAD,
  percentiles: [50, 95],
  seenByClosedLoop: true,
  treat: (nth) => ({ delayMicros: 1000, status: nth % 100 === 49 ? 503 : 200, burnMicros: 0 }),
  truth: asServed,
};
