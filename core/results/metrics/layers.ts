/** Layers in front of every scheme: TLS, rate limits, headers. */
import type { MetricInfo } from './metric-info.ts';

export const LAYER_METRICS = {
  layer_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request that a layer adds to the same arm without it, in the same blocks',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  layer_ratio: {
    unit: '×',
    better: 'smaller',
    meaning: 'CPU time per request with a layer, as a multiple of the same arm’s without it in the same blocks',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  layer_redis_commands: {
    unit: 'commands',
    better: 'smaller',
    meaning: 'Redis commands per request that a layer adds to the same arm without it',
    paired: { as: 'difference', of: 'redis_commands_per_request' },
  },
  layer_redis_cpu_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of Redis per request that a layer adds to the same arm without it, in the same blocks',
    paired: { as: 'difference', of: 'redis_cpu_us_per_request' },
  },
  scheme_ratio: {
    unit: '×',
    better: 'neither',
    meaning:
      'CPU time per request of the arm as a multiple of that of the arm in the factor `than`, both with the same layers',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  handshake_cpu_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of the replica for one TLS handshake: a new connection with TLS minus one without',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
} as const satisfies Record<string, MetricInfo>;
