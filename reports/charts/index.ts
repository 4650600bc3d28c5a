/** All charts, in the order of the report. To add one, add a file in this folder and a line here. */

import { chainChart } from './chain/chain.ts';
import { commands } from './commands.ts';
import { distanceLatency } from './distance/latency.ts';
import { distanceThroughput } from './distance/throughput.ts';
import { latencyLoad } from './latency/load.ts';
import { latencyPercentiles } from './latency/percentiles.ts';
import { layersChart } from './layers.ts';
import { lifecycleChart } from './lifecycle.ts';
import { outageCharts } from './outage/outage.ts';
import { payloadBytes } from './payload/bytes.ts';
import { payloadCpu } from './payload/cpu.ts';
import { primitivesInPlace } from './primitives/in-place.ts';
import { primitives } from './primitives/primitives.ts';
import { profile } from './profile.ts';
import { frontier, frontierFleet } from './revocation/frontier.ts';
import { revocationChart } from './revocation/revocation.ts';
import { scaleBalancer } from './scale/balancer.ts';
import { scaleModels } from './scale/models.ts';
import { scaleRedis } from './scale/redis.ts';
import { scaleSpreading } from './scale/spreading.ts';
import { scaleThroughput } from './scale/throughput.ts';
import { scaleWall } from './scale/wall.ts';
import type { Chart } from './shapes/chart.ts';
import { storeBytes } from './store/bytes.ts';
import { storeLookup } from './store/lookup.ts';
import { tollExplained } from './toll/explained.ts';
import { tollPairs } from './toll/pairs.ts';
import { tollParts } from './toll/parts.ts';
import { toll } from './toll/toll.ts';
import { wire } from './wire.ts';

export const CHARTS: readonly Chart[] = [
  tollPairs,
  toll,
  tollParts,
  tollExplained,
  primitives,
  primitivesInPlace,
  profile,
  scaleThroughput,
  scaleRedis,
  scaleBalancer,
  scaleModels,
  scaleWall,
  scaleSpreading,
  latencyPercentiles,
  latencyLoad,
  distanceLatency,
  distanceThroughput,
  storeBytes,
  storeLookup,
  payloadCpu,
  payloadBytes,
  lifecycleChart,
  layersChart,
  chainChart,
  frontier,
  frontierFleet,
  revocationChart,
  ...outageCharts,
  wire,
  commands,
];
