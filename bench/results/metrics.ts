/** Every metric that a figure may have: its unit, which direction is better, and what it means. Add one here, only. */

export interface MetricInfo {
  readonly unit: string;
  readonly better: 'smaller' | 'bigger' | 'neither';
  readonly meaning: string;
}

export const METRICS = {
  cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of the replica, user and system, all threads, per request',
  },
  cpu_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request in the replica beyond the baseline’s in the same blocks',
  },
  cpu_ratio_to_baseline: {
    unit: '×',
    better: 'smaller',
    meaning: 'CPU time per request in the replica, as a multiple of the baseline’s in the same blocks',
  },
  redis_cpu_us_per_request: { unit: 'µs', better: 'smaller', meaning: 'CPU time of Redis per request' },
  total_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of replica and Redis together, per request',
  },
  redis_commands_per_request: { unit: 'commands', better: 'smaller', meaning: 'commands Redis executed per request' },
  request_bytes: { unit: 'B', better: 'smaller', meaning: 'bytes of one request on the wire, headers included' },
  response_bytes: { unit: 'B', better: 'smaller', meaning: 'bytes of one response on the wire, headers included' },
  throughput_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'requests answered as expected per second, closed loop, at saturation',
  },
  capacity_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'what the replicas’ CPU shares allow at the measured CPU time per request',
  },
  latency_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'latency at a quantile under an open loop; timing `corrected` counts from the intended send time, `service` from the actual one',
  },
  machine_lateness_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'how late the machine woke an idle process, at a quantile, while the latency beside it was measured',
  },
  asked_rate_rps: { unit: 'req/s', better: 'neither', meaning: 'requests scheduled per second by the open loop' },
  rate_in_time_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of scheduled requests that were sent within 1 ms of their time',
  },
  unanswered_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of scheduled requests that failed or were not answered before they timed out',
  },
  scaling_efficiency: {
    unit: '×',
    better: 'bigger',
    meaning: 'throughput of N replicas over N times that of one, in the same blocks',
  },
  redis_utilisation: { unit: '%', better: 'neither', meaning: 'CPU time of Redis over wall-clock time, of one core' },
  replica_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the replicas over the time their CPU shares allow',
  },
  generator_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the load generator over wall-clock time, of one core',
  },
  rss_bytes: { unit: 'B', better: 'smaller', meaning: 'resident memory of one replica after the load' },
  primitive_us: { unit: 'µs', better: 'smaller', meaning: 'wall-clock time of one operation, alone in its process' },
  primitive_cpu_us: { unit: 'µs', better: 'smaller', meaning: 'CPU time of one operation, all threads of its process' },
  toll_explained_us: {
    unit: 'µs',
    better: 'neither',
    meaning: 'the part of the CPU toll that one primitive operation accounts for',
  },
  toll_unexplained_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'the part of the CPU toll that no measured primitive accounts for: plugin, hooks, header parsing, garbage collection',
  },
  profile_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time per request in one package’s own code, native calls made from it included: the profile’s share of the CPU time measured without the profiler',
  },
  profile_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request in one package beyond the baseline’s in the same loads',
  },
  profile_unexplained_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'how far the toll that was profiled is from the toll without the profiler in the same processes (against unprofiled), and the sum over packages from the toll experiment’s (against toll)',
  },
  profiler_overhead_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'CPU time per request with the profiler running, beyond that without it in the same processes',
  },
  attack_succeeded: {
    unit: '',
    better: 'smaller',
    meaning:
      'share of trials in which an attack in a real browser did what it is for: 1 always, 0 never. By the server’s own record, not the page’s; what stopped it is in the factor stopped_by',
  },
  credential_sent: {
    unit: '',
    better: 'neither',
    meaning: 'share of trials in which the browser sent the user’s credential along with another page’s request',
  },
  cross_origin_works: {
    unit: '',
    better: 'neither',
    meaning:
      'share of trials in which a page of another origin called the API with the user’s credential and could read the reply',
  },
} as const satisfies Record<string, MetricInfo>;

export type Metric = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as Metric[];
