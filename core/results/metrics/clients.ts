/** The effect of the client library of a store. */
import type { MetricInfo } from './metric-info.ts';

export const CLIENT_METRICS = {
  client_cpu_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'CPU time per request in the replica with a different store client, as a multiple of the plain arm’s (against) in the same blocks',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  client_redis_cpu_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'CPU time of Redis per request with a different client, as a multiple of the plain arm’s (against) in the same blocks',
    paired: { as: 'ratio', of: 'redis_cpu_us_per_request' },
  },
} as const satisfies Record<string, MetricInfo>;
