import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

/** After every 50th answer the connection is closed, as a server does that limits the requests of a connection. */
export const closing: Kind = {
  name: 'closing',
  title: '1 ms, and every 50th answer closes its connection',
  load: QUIET_LOAD,
  percentiles: [50, 95],
  seenByClosedLoop: true,
  treat: (nth) => ({ delayMicros: 1000, status: 200, burnMicros: 0, closes: nth % 50 === 49 }),
  truth: asServed,
};
