import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

/** One request in a hundred is never answered. */
export const silent: Kind = {
  name: 'silent',
  title: '1 ms, and no response for 1 %',
  load: { ...QUIET_LOAD, timeoutMs: 500 },
  percentiles: [50, 95],
  seenByClosedLoop: false,
  treat: (nth) => ({ delayMicros: nth % 100 === 49 ? null : 1000, status: 200, burnMicros: 0 }),
  truth: asServed,
};
