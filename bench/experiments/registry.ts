/** Every experiment, in the order in which they run. Adding one is a file and a line here. */

import type { Experiment } from '../measuring/experiment.ts';
import { browser } from './browser/index.ts';
import { capacity } from './capacity/index.ts';
import { chain } from './chain/index.ts';
import { distance } from './distance/index.ts';
import { hotPath } from './hot-path/index.ts';
import { latency } from './latency/index.ts';
import { layers } from './layers/index.ts';
import { lifecycle } from './lifecycle/index.ts';
import { outage } from './outage/index.ts';
import { payload } from './payload/index.ts';
import { revocation } from './revocation/index.ts';
import { scale } from './scale/index.ts';
import { store } from './store/index.ts';
import { toll } from './toll/index.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  toll,
  scale,
  latency,
  capacity,
  hotPath,
  revocation,
  outage,
  payload,
  lifecycle,
  layers,
  chain,
  browser,
  distance,
  store,
];
