/** The cost of requests, and their responses. */
import type { MetricInfo } from './metric-info.ts';

export const REQUEST_METRICS = {
  cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time of the replica, user and system, all threads, per request; in paired load that of a busy server, b of c + b·n',
    quotient: { numerator: { sum: ['busy_replica_cpu_ns'], dividedBy: 1000 }, denominator: 'busy_requests' },
  },
  cold_turn_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time that a server spends once when it returns to a core with cold caches, c of c + b·n',
    quotient: { numerator: { sum: ['cold_replica_cpu_ns'], dividedBy: 1000 }, denominator: 'cold_turns' },
  },
  cpu_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request in the replica minus the baseline’s in the same blocks',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  cpu_ratio_to_baseline: {
    unit: '×',
    better: 'smaller',
    meaning: 'CPU time per request in the replica, as a multiple of the baseline’s in the same blocks',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  cpu_own_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time per request in the replica minus that of an unguarded request of the same server, in the same blocks',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  cpu_ratio_to_twin: {
    unit: '×',
    better: 'smaller',
    meaning:
      'CPU time per request in the replica, as a multiple of an unguarded request’s of the same server, in the same blocks',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  cpu_ratio_to_arm: {
    unit: '×',
    better: 'neither',
    meaning: 'CPU time per request in the replica, as a multiple of another guarded arm’s (against) in the same blocks',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  redis_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of Redis per request; in paired load that of a busy one; 0 if it executed no commands',
    quotient: { numerator: { sum: ['busy_redis_cpu_ns'], dividedBy: 1000 }, denominator: 'busy_requests' },
  },
  companion_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request of the arm’s companion processes; in paired load that of busy ones',
    quotient: { numerator: { sum: ['busy_companion_cpu_ns'], dividedBy: 1000 }, denominator: 'busy_requests' },
  },
  total_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of replica, Redis and companions, per request',
    quotient: {
      numerator: {
        sum: ['busy_replica_cpu_ns', 'busy_redis_cpu_ns', 'busy_companion_cpu_ns'],
        dividedBy: 1000,
      },
      denominator: 'busy_requests',
    },
  },
  total_cpu_ratio_to_baseline: {
    unit: '×',
    better: 'smaller',
    meaning:
      'CPU time per request of replica, Redis and companions, as a multiple of the baseline’s in the same blocks',
    paired: { as: 'ratio', of: 'total_cpu_us_per_request' },
  },
  total_cpu_ratio_to_arm: {
    unit: '×',
    better: 'neither',
    meaning:
      'CPU time per request of replica, Redis and companions, as a multiple of another guarded arm’s (against) in the same blocks',
    paired: { as: 'ratio', of: 'total_cpu_us_per_request' },
  },
  redis_commands_per_request: {
    unit: 'commands',
    better: 'smaller',
    meaning: 'commands Redis executed per request',
    quotient: { numerator: 'redis_commands', denominator: 'requests' },
  },
  postgres_transactions_per_request: {
    unit: 'transactions',
    better: 'smaller',
    meaning:
      'transactions of the service’s database per request, by pg_stat_database; a statement outside BEGIN and COMMIT is one',
    quotient: { numerator: 'postgres_transactions', denominator: 'requests' },
  },
  postgres_rows_read_per_request: {
    unit: 'rows',
    better: 'smaller',
    meaning: 'rows and index entries that Postgres read per request (tup_returned and tup_fetched)',
    quotient: { numerator: 'postgres_rows_read', denominator: 'requests' },
  },
  postgres_rows_written_per_request: {
    unit: 'rows',
    better: 'smaller',
    meaning: 'rows inserted, updated or deleted per request',
    quotient: { numerator: 'postgres_rows_written', denominator: 'requests' },
  },
  postgres_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of Postgres per request, all its processes; absent if they cannot be read',
    quotient: { numerator: { sum: ['postgres_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  request_bytes: {
    unit: 'B',
    better: 'smaller',
    meaning: 'bytes of one request on the wire, headers included',
    quotient: { numerator: 'request_bytes', denominator: 'requests' },
  },
  response_bytes: {
    unit: 'B',
    better: 'smaller',
    meaning: 'bytes of one response on the wire, headers included',
    quotient: { numerator: 'response_bytes', denominator: 'requests' },
  },
  throughput_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'requests answered as expected per second, closed loop, at saturation',
    quotient: { numerator: 'answered', denominator: 'seconds' },
  },
  capacity_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput that the replicas’ CPU shares allow at the measured CPU time per request',
    quotient: {
      numerator: { sum: ['requests'], by: 'allowed_cores' },
      denominator: { sum: ['replica_cpu_ns'], dividedBy: 1e9 },
    },
  },
  latency_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'latency at a quantile under an open loop; timing `corrected` counts from the intended send time, `service` from the actual one; in `latency` at exactly the load, by regression on the utilisation',
    variants: {
      // Little's law: requests in flight divided by the rate of responses.
      mean: { numerator: { sum: ['in_flight'], by: 'seconds', times: 1e6 }, denominator: 'answered' },
    },
  },
  machine_lateness_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'how late the machine woke an idle process, at a quantile, during the latency measurement',
  },
  asked_rate_rps: { unit: 'req/s', better: 'neither', meaning: 'requests scheduled per second by the open loop' },
  rate_in_time_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of scheduled requests that were sent within 1 ms of the time they were due',
    quotient: { numerator: { sum: ['sent_in_time'], times: 100 }, denominator: 'scheduled' },
  },
  unanswered_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of scheduled requests that failed or timed out',
    quotient: { numerator: { sum: ['failed'], times: 100 }, denominator: 'scheduled' },
  },
  throughput_ratio_to_arm: {
    unit: '×',
    better: 'neither',
    meaning:
      'throughput of N replicas at saturation, as a multiple of that of N replicas of another guarded arm (against) in the same blocks',
  },
  engine_throughput_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning:
      'throughput of N replicas at saturation with the load generator in the factor `engine`, when two were alternated',
  },
  throughput_ratio_to_engine: {
    unit: '×',
    better: 'neither',
    meaning:
      'throughput of N replicas at saturation by our own load generator, as a multiple of that with another one (engine) in the same blocks',
  },
  scaling_efficiency: {
    unit: '×',
    better: 'bigger',
    meaning: 'throughput of N replicas over N times that of one, in the same blocks',
  },
  redis_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of Redis over wall-clock time, of one core',
    quotient: { numerator: { sum: ['redis_cpu_ns'], times: 100 }, denominator: 'elapsed_ns' },
  },
  replica_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the replicas over their CPU shares; in `latency`, over that of a saturated one',
    quotient: {
      numerator: { sum: ['replica_cpu_ns'], times: 100 },
      denominator: { sum: ['elapsed_ns'], by: 'allowed_cores' },
    },
  },
  balancer_cpu_us_per_request: {
    unit: 'µs',
    better: 'neither',
    meaning: 'CPU time per request of the balancer between generators and replicas; not part of any arm’s cost',
    quotient: { numerator: { sum: ['balancer_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  balancer_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the balancer over wall-clock time, of one core, all its processes together',
    quotient: { numerator: { sum: ['balancer_cpu_ns'], times: 100 }, denominator: 'elapsed_ns' },
  },
  generator_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the load generator over wall-clock time, of one core',
    quotient: { numerator: { sum: ['generator_cpu_ns'], times: 100 }, denominator: 'elapsed_ns' },
  },
  rss_bytes: { unit: 'B', better: 'smaller', meaning: 'resident memory of one replica after the load' },
} as const satisfies Record<string, MetricInfo>;
