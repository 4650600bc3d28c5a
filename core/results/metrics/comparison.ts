/** Two versions of the servers, side by side. */
import type { MetricInfo } from './metric-info.ts';

export const COMPARISON_METRICS = {
  cpu_ratio_to_base: {
    unit: '×',
    better: 'smaller',
    meaning: 'CPU time per request in the replica, as a multiple of the other build’s in the same blocks',
  },
  redis_cpu_ratio_to_base: {
    unit: '×',
    better: 'smaller',
    meaning: 'CPU time of Redis per request, as a multiple of that with the other build in the same blocks',
  },
  total_cpu_ratio_to_base: {
    unit: '×',
    better: 'smaller',
    meaning:
      'CPU time of replica and Redis together per request, as a multiple of the other build’s in the same blocks',
  },
  set_cookies_per_request: { unit: 'headers', better: 'smaller', meaning: 'Set-Cookie headers of one response' },
  allocated_bytes_per_request: {
    unit: 'B',
    better: 'smaller',
    meaning: 'memory that V8 allocates per request, counted without optimised code so that the count is repeatable',
  },
  instructions_per_request: {
    unit: 'instructions',
    better: 'smaller',
    meaning:
      'instructions that the replica executes per request, counted by valgrind in interpreted code, which no JIT has compiled',
  },
  loop_turns_per_request: {
    unit: 'turns',
    better: 'smaller',
    meaning: 'event-loop iterations of the replica per request, one request at a time',
  },
} as const satisfies Record<string, MetricInfo>;
