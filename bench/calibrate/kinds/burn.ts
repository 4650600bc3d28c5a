import { asServed, type Kind, QUIET_LOAD } from './kind.ts';

function burning(burnMicros: number): Kind {
  return {
    name: `burn-${burnMicros}us`,
    title: `burns ${burnMicros} µs of CPU time`,
    load: { ...QUIET_LOAD, ratePerSecond: 200 },
    percentiles: burnMicros > 0 ? [50, 90, 95, 99] : [],
    seenByClosedLoop: false,
    treat: () => ({ delayMicros: 0, status: 200, burnMicros }),
    truth: asServed,
  };
}

/** Answers at once. */
export const ECHO = burning(0);

/** Each request burns a known CPU time in addition to what `control` costs. */
export const burn: Kind = { ...burning(1000), control: ECHO };
