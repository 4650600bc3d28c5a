/**
 * Every metric that a figure may have: its unit, which direction is better, what it means and, where it follows from
 * slices as a quotient, how. This is the only place to add one.
 */
import type { PairedQuotient, Quotient } from './quotient.ts';

export interface MetricInfo {
  readonly unit: string;
  readonly better: 'smaller' | 'bigger' | 'neither';
  readonly meaning: string;
  readonly quotient?: Quotient;
  /** Other ways to the same metric, each by the name that a factor of the figure gives it. */
  readonly variants?: Readonly<Record<string, Quotient>>;
  /** The comparison, within blocks, of the quotient that another metric declares. */
  readonly paired?: PairedQuotient;
}

export const METRICS = {
  cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of the replica, user and system, all threads, per request',
    quotient: { numerator: { sum: ['replica_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
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
  cpu_ratio_to_arm: {
    unit: '×',
    better: 'neither',
    meaning: 'CPU time per request in the replica, as a multiple of another guarded arm’s (against) in the same blocks',
    paired: { as: 'ratio', of: 'cpu_us_per_request' },
  },
  redis_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of Redis per request',
    quotient: { numerator: { sum: ['redis_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  total_cpu_us_per_request: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of replica and Redis together, per request',
    quotient: { numerator: { sum: ['replica_cpu_ns', 'redis_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  redis_commands_per_request: {
    unit: 'commands',
    better: 'smaller',
    meaning: 'commands Redis executed per request',
    quotient: { numerator: 'redis_commands', denominator: 'requests' },
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
      'latency at a quantile under an open loop; timing `corrected` counts from the intended send time, `service` from the actual one',
    variants: {
      // Little's law: the requests in flight over the rate at which they are answered.
      mean: { numerator: { sum: ['in_flight'], by: 'seconds', times: 1e6 }, denominator: 'answered' },
    },
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
    meaning: 'share of scheduled requests that were sent within 1 ms of the time they were due',
    quotient: { numerator: { sum: ['sent_in_time'], times: 100 }, denominator: 'scheduled' },
  },
  unanswered_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of scheduled requests that failed or were not answered before they timed out',
    quotient: { numerator: { sum: ['failed'], times: 100 }, denominator: 'scheduled' },
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
    meaning: 'CPU time of the replicas over the time their CPU shares allow',
    quotient: {
      numerator: { sum: ['replica_cpu_ns'], times: 100 },
      denominator: { sum: ['elapsed_ns'], by: 'allowed_cores' },
    },
  },
  generator_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the load generator over wall-clock time, of one core',
    quotient: { numerator: { sum: ['generator_cpu_ns'], times: 100 }, denominator: 'elapsed_ns' },
  },
  rss_bytes: { unit: 'B', better: 'smaller', meaning: 'resident memory of one replica after the load' },
  primitive_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'wall-clock time of one operation, alone in its process',
    quotient: { numerator: { sum: ['wall_us_per_operation'], by: 'requests' }, denominator: 'requests' },
  },
  primitive_cpu_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of one operation, all threads of its process',
    quotient: { numerator: { sum: ['cpu_us_per_operation'], by: 'requests' }, denominator: 'requests' },
  },
  toll_explained_us: {
    unit: 'µs',
    better: 'neither',
    meaning: 'the part of the CPU toll that one primitive operation accounts for',
  },
  toll_unexplained_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'the part of the CPU toll that no measured primitive explains: plugin, hooks, header parsing, garbage collection',
  },
  toll_to_primitive_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'the CPU toll divided by the CPU time of the scheme’s core operation alone in its process: one read of the store, or one verification',
  },
  primitive_in_place_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time that one operation adds to a request in a server that performs it for every request',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  toll_to_primitive_in_place_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'the CPU toll divided by the CPU time of the scheme’s core operation in a server that performs only that; each is relative to the baseline measured next to it',
  },
  parts_in_place_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time that all operations of an arm together add to a request, in a server that performs them for every request',
    paired: { as: 'difference', of: 'cpu_us_per_request' },
  },
  toll_to_parts_in_place_ratio: {
    unit: '×',
    better: 'smaller',
    meaning:
      'the CPU toll divided by the CPU time of all operations of the arm together in a server; each is relative to the baseline measured next to it. The part above 1 is between the operations: plugin, hooks, header parsing',
  },
  profile_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time per request in the code of one package, including native calls made from it: its share of the profile times the CPU time measured without the profiler',
  },
  profile_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request in one package minus the baseline’s under the same load',
  },
  profile_unexplained_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'how far the profiled toll is from the toll without the profiler in the same processes (against unprofiled), and how far the sum over packages is from the toll of the experiment toll, each relative to its baseline (against toll)',
  },
  profiler_overhead_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'increase of CPU time per request with the profiler running, in the same processes',
  },
  attack_succeeded: {
    unit: '',
    better: 'smaller',
    meaning:
      'share of trials in which an attack in a real browser succeeded: 1 always, 0 never, judged by the server’s own record; the factor stopped_by names what stopped it',
  },
  credential_sent: {
    unit: '',
    better: 'neither',
    meaning: 'share of trials in which the browser sent the user’s credential along with another page’s request',
  },
  plain_client_works: {
    unit: '',
    better: 'neither',
    meaning:
      'share of trials in which a client without a cookie jar could read and write with only the body of the login response',
  },
  cross_origin_works: {
    unit: '',
    better: 'neither',
    meaning:
      'share of trials in which a page of another origin called the API with the user’s credential and could read the reply',
  },
  usl_lambda_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput of one replica in the fitted Universal Scalability Law',
  },
  usl_sigma: {
    unit: '',
    better: 'smaller',
    meaning:
      'contention in the fitted Universal Scalability Law: the share of work that only one replica can do at a time',
  },
  usl_kappa: {
    unit: '',
    better: 'smaller',
    meaning:
      'coherency in the fitted Universal Scalability Law: the cost of coordination between each pair of replicas',
  },
  usl_peak_replicas: {
    unit: 'replicas',
    better: 'bigger',
    meaning:
      'number of replicas at which throughput peaks in the fitted Universal Scalability Law; absent where κ may be 0',
  },
  model_throughput_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput that a model predicts; the factor `model` names it',
  },
  prediction_error_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'how far a model’s prediction is above (+) or below (−) the measured value, at points left out of its fit',
  },
  needed_replicas: {
    unit: 'cores',
    better: 'smaller',
    meaning:
      'replicas of one core each that a load would need at the given utilisation, not rounded up; extrapolated from service demands',
  },
  needed_redis_cores: {
    unit: 'cores',
    better: 'smaller',
    meaning:
      'cores that Redis would need for a load at the given utilisation, not rounded up; extrapolated from service demands',
  },
  needed_redis_nodes: {
    unit: 'nodes',
    better: 'smaller',
    meaning:
      'whole Redis processes of 16 GB that a load and its sessions would need, by CPU time or memory; extrapolated',
  },
  needed_redis_bytes: {
    unit: 'B',
    better: 'smaller',
    meaning: 'bytes that the live sessions would take in Redis; extrapolated',
  },
  wire_bytes_per_second: {
    unit: 'B/s',
    better: 'smaller',
    meaning: 'bytes of requests and responses a second between clients and replicas; extrapolated',
  },
  one_redis_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'load above which one Redis exceeds the given utilisation and a cluster is needed; extrapolated',
  },
  core_over_token_rps: {
    unit: 'req/s',
    better: 'neither',
    meaning: 'load from which the arm needs one whole core more than the cheapest token; extrapolated',
  },
  redis_wall_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'throughput at which one Redis, or its share of a core, saturates: measured, or from the model',
  },
  redis_wall_replicas: {
    unit: 'replicas',
    better: 'bigger',
    meaning: 'number of replicas, each with as much CPU time as Redis may use, that saturate it',
  },
  simulation_gap_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'difference of the throughput of the simulated queueing network from its exact solution',
  },
  model_latency_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'latency at a quantile in the simulated queueing network, which has no machine pauses',
  },
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
  loop_turns_per_request: {
    unit: 'turns',
    better: 'smaller',
    meaning: 'event-loop iterations of the replica per request, one request at a time',
  },
  refused_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of requests with a valid credential that were not answered as the contract requires',
    quotient: { numerator: { sum: ['refused'], times: 100 }, denominator: 'attempted' },
  },
  redis_share_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of Redis over the time that its CPU share allows; all nodes together for a cluster',
    quotient: {
      numerator: { sum: ['redis_cpu_ns'], times: 100 },
      denominator: { sum: ['elapsed_ns'], by: 'redis_share_cores' },
    },
  },
  rtt_us: {
    unit: 'µs',
    better: 'neither',
    meaning: 'measured median time of a PING from replica to Redis and back; the factor `rtt_ms` is the requested time',
  },
  round_trips_per_request: {
    unit: 'round trips',
    better: 'smaller',
    meaning: 'added latency of one request at a time, divided by the added round-trip time to Redis',
  },
  proxy_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of the proxy that delays the replies of Redis over wall-clock time, of one core',
    quotient: { numerator: { sum: ['proxy_cpu_ns'], times: 100 }, denominator: 'proxy_wall_ns' },
  },
  bytes_per_session: {
    unit: 'B',
    better: 'smaller',
    meaning:
      'Redis memory of one session, denylisted token or refresh family (factor `kind`), including indexes and expiry; without the factor `method`, growth of used memory divided by their number',
    quotient: { numerator: 'used_memory_bytes', denominator: 'sessions' },
    variants: {
      rss: { numerator: 'rss_bytes', denominator: 'sessions' },
      'memory-usage': { numerator: 'usage_bytes', denominator: 'slices' },
    },
  },
  lookup_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'time of one lookup in Redis at a quantile, one at a time, including client and loopback',
  },
  redis_cpu_us_per_command: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of Redis per command, in batches',
    quotient: { numerator: { sum: ['redis_cpu_ns'], dividedBy: 1000 }, denominator: 'redis_commands' },
  },
  expiry_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning: 'time from the moment at which many keys expire together until Redis has removed all of them',
  },
  limit_roles: {
    unit: 'roles',
    better: 'bigger',
    meaning:
      'most roles with which the credential still fits: limit `cookie` is the 4,096 bytes of a browser’s cookie, limit `header` the 16 KiB of headers above which Node answers 431',
  },
  crossing_roles: {
    unit: 'roles',
    better: 'neither',
    meaning:
      'number of roles from which the arm costs more than the arm in the factor `than`, from straight lines through the measured points; absent where the lines do not cross in the measured range',
  },
  cpu_gap_us: {
    unit: 'µs',
    better: 'neither',
    meaning:
      'CPU time per request minus that of the arm in the factor `than` (factor `of`: of the replica, or of replica and Redis together) at a number of roles, from a straight line through the measured points',
  },
  cpu_us_per_role: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request that one more role adds in the replica, minus what it adds to the baseline',
  },
  request_bytes_per_role: { unit: 'B', better: 'smaller', meaning: 'bytes of a request that one more role adds' },
  cpu_us_per_operation: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of the replica, all threads, for one login, refresh or logout',
    quotient: { numerator: { sum: ['replica_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  redis_cpu_us_per_operation: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of Redis for one login, refresh or logout',
    quotient: { numerator: { sum: ['redis_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  redis_commands_per_operation: {
    unit: 'commands',
    better: 'smaller',
    meaning: 'commands Redis executed for one login, refresh or logout',
    quotient: { numerator: 'redis_commands', denominator: 'requests' },
  },
  cpu_toll_us_per_operation: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time of the replica for one login or logout minus the baseline’s in the same blocks; the baseline hashes the password too',
    paired: { as: 'difference', of: 'cpu_us_per_operation' },
  },
  operations_per_second: {
    unit: 'op/s',
    better: 'bigger',
    meaning:
      'logins, refreshes or logouts answered as expected per second; the factor `in_flight` is how many run at a time',
    quotient: { numerator: 'answered', denominator: 'seconds' },
  },
  password_hash_us: {
    unit: 'µs',
    better: 'neither',
    meaning:
      'wall-clock time of one argon2id password check, one at a time, with the cheap or the real setting (factor `setting`)',
    quotient: { numerator: { sum: ['wall_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  password_hash_cpu_us: {
    unit: 'µs',
    better: 'neither',
    meaning: 'CPU time of one argon2id password check',
    quotient: { numerator: { sum: ['cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
  },
  storm_logins_per_second: {
    unit: 'op/s',
    better: 'bigger',
    meaning: 'logins per second with the real password hash while many log in at once, on one replica',
    quotient: { numerator: 'answered', denominator: 'seconds' },
  },
  storm_latency_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'latency at a quantile of a login in the storm, and of GET /me (factor `route`) before it (`calm`) and during it (`storm`)',
  },
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
  revocation_lag_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning:
      'time from the acknowledged revocation to the last accepted request with the credential, on the slowest replica; the interval ends at the first request after which all were refused',
  },
  revocation_bound_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning: 'how long a revoked credential may still be accepted, as the arm declares',
  },
  revocation_within_bound_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of revocations after which no request was accepted later than the arm declares',
  },
  time_to_fail_ms: {
    unit: 'ms',
    better: 'bigger',
    meaning: 'time from the fault to the first authenticated request that was not answered as before',
  },
  recovery_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning:
      'time from the end of the fault until authenticated requests were answered again without errors, 503 or timeouts; refusing a lost session counts as an answer',
  },
  requests_lost: {
    unit: 'requests',
    better: 'smaller',
    meaning: 'requests with a valid credential that were not accepted, from the fault to the end of observation',
  },
  outage_accepted_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of requests (public, or with a valid credential) that were accepted during the fault',
  },
  fail_open_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of requests with a revoked credential that were accepted before, during or after the fault',
  },
  credentials_lost_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of requests whose formerly valid credential was refused at the end of observation',
  },
  outage_answer_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning: 'how long authenticated requests waited during the fault, at a quantile; a timeout counts as its limit',
  },
  requests_timed_out: {
    unit: 'requests',
    better: 'smaller',
    meaning: 'requests of all kinds that timed out at the client',
  },
  requests_hung: {
    unit: 'requests',
    better: 'smaller',
    meaning: 'requests without any outcome at the end: neither answered, failed nor timed out',
  },
} as const satisfies Record<string, MetricInfo>;

export type Metric = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as Metric[];
