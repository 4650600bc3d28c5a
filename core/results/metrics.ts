/**
 * Every metric of figures: its unit, which direction is better, its meaning and, for a quotient, its definition from
 * slices. To add a metric, add an entry to the file of its kind in `metrics/`.
 */

import { BROWSER_METRICS } from './metrics/browser.ts';
import { CAPACITY_METRICS } from './metrics/capacity.ts';
import { CHAIN_METRICS } from './metrics/chain.ts';
import { CLIENT_METRICS } from './metrics/clients.ts';
import { COMPARISON_METRICS } from './metrics/comparison.ts';
import { FAULT_METRICS } from './metrics/faults.ts';
import { HOT_PATH_METRICS } from './metrics/hot-path.ts';
import { LAYER_METRICS } from './metrics/layers.ts';
import { LIFECYCLE_METRICS } from './metrics/lifecycle.ts';
import type { MetricInfo } from './metrics/metric-info.ts';
import { MODEL_METRICS } from './metrics/models.ts';
import { PAYLOAD_METRICS } from './metrics/payload.ts';
import { REQUEST_METRICS } from './metrics/requests.ts';
import { STORE_METRICS } from './metrics/stores.ts';

export const METRICS = {
  ...REQUEST_METRICS,
  ...HOT_PATH_METRICS,
  ...BROWSER_METRICS,
  ...MODEL_METRICS,
  ...COMPARISON_METRICS,
  ...STORE_METRICS,
  ...PAYLOAD_METRICS,
  ...LIFECYCLE_METRICS,
  ...LAYER_METRICS,
  ...FAULT_METRICS,
  ...CAPACITY_METRICS,
  ...CHAIN_METRICS,
  ...CLIENT_METRICS,
} as const satisfies Record<string, MetricInfo>;

/** All metrics are listed here. */
export const METRICS_PAGE = 'docs/results-format.md';

export type Metric = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as Metric[];
