/** All charts, in the order in which the report shows them. To add one: a file in this folder and a line here. */
import type { Chart } from './chart.ts';
import { commands } from './commands.ts';
import { latencyLoad } from './latency-load.ts';
import { latencyPercentiles } from './latency-percentiles.ts';
import { outageCharts } from './outage.ts';
import { primitives } from './primitives.ts';
import { profile } from './profile.ts';
import { revocationChart } from './revocation.ts';
import { scaleRedis } from './scale-redis.ts';
import { scaleThroughput } from './scale-throughput.ts';
import { toll } from './toll.ts';
import { tollExplained } from './toll-explained.ts';
import { tollParts } from './toll-parts.ts';
import { wire } from './wire.ts';

export const CHARTS: readonly Chart[] = [
  toll,
  tollParts,
  tollExplained,
  primitives,
  profile,
  scaleThroughput,
  scaleRedis,
  latencyPercentiles,
  latencyLoad,
  revocationChart,
  ...outageCharts,
  wire,
  commands,
];
