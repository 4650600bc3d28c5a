/** All publications that this code is checked against. */
import type { Source } from './fact.ts';
import { HYPOTHESIS_TESTS } from './sources/hypothesis-tests.ts';
import { JOSE } from './sources/jose.ts';
import { NIST } from './sources/nist.ts';
import { PERCENTILES } from './sources/percentiles.ts';
import { QUEUEING } from './sources/queueing.ts';
import { SCALABILITY } from './sources/scalability.ts';
import { STATISTICS } from './sources/statistics.ts';

export const SOURCES: readonly Source[] = [
  ...STATISTICS,
  ...HYPOTHESIS_TESTS,
  ...NIST,
  ...PERCENTILES,
  ...QUEUEING,
  ...SCALABILITY,
  ...JOSE,
];
