/** Every experiment, in the order in which they run. Adding one is a file and a line here. */

import { browser } from './browser.ts';
import { distance } from './distance.ts';
import type { Experiment } from './experiment.ts';
import { hotPath } from './hot-path.ts';
import { latency } from './latency.ts';
import { layers } from './layers.ts';
import { lifecycle } from './lifecycle.ts';
import { outage } from './outage.ts';
import { payload } from './payload.ts';
import { revocation } from './revocation.ts';
import { scale } from './scale.ts';
import { store } from './store.ts';
import { toll } from './toll.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  toll,
  scale,
  latency,
  hotPath,
  revocation,
  outage,
  payload,
  lifecycle,
  layers,
  browser,
  distance,
  store,
];
