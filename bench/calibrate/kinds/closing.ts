import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

/** Closes the connection after every 50th response, like a server that limits requests per connection. */
export const closing: Kind = {
  name: 'closing',
  title: '1 ms, and every 50th answer closes its connection',
  load: QUIET_LOAD,
  percentiles: [50, 95],
  seenByClosedLoop: true,
  treat: (nth) => ({ delayMicros: 1000, status: 200, burnMicros: 0, closes: nth % 50 === 49 }),
  truth: asServed,
};
