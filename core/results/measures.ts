/**
 * Every measure of a slice: its unit, its aggregation, and its meaning. Figures are computed from them. To add a
 * measure, add it here.
 */
import type { TSchema } from 'typebox';
import { Type } from '../schema.ts';

/**
 * How a measure summarises its slice: - `sum`: added up over the slice; - `mean`: a mean over the slice, or a share
 * of its whole; - `quantile`: of the values within the slice; - `largest`: the largest value within the slice; -
 * `last`: read once, at the slice's end; - `once`: a moment, or the time between two moments, at most once per slice;
 * - `setting`: a condition of the slice, constant throughout; - `replicas`: one value per replica, null if it has
 * none; - `buckets`: sums by name, such as by package.
 */
export type Aggregation =
  | 'sum'
  | 'mean'
  | 'quantile'
  | 'largest'
  | 'last'
  | 'once'
  | 'setting'
  | 'replicas'
  | 'buckets';

export interface MeasureInfo {
  readonly unit: string;
  readonly over: Aggregation;
  readonly meaning: string;
}

export const MEASURES = {
  // Every load
  request_bytes: { unit: 'B', over: 'sum', meaning: 'bytes of the requests, heads included' },
  response_bytes: { unit: 'B', over: 'sum', meaning: 'bytes of the responses, heads included' },
  replica_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of all replicas, user and system, all threads' },
  redis_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of Redis, all nodes; 0 where the arm has none' },
  companion_cpu_ns: {
    unit: 'ns',
    over: 'sum',
    meaning: 'CPU time of companion processes and their children',
  },
  balancer_cpu_ns: {
    unit: 'ns',
    over: 'sum',
    meaning: 'CPU time of the balancer in front of the replicas, all its processes; not part of any arm’s cost',
  },
  has_companions: { unit: 'count', over: 'setting', meaning: '1 if the arm has companion processes; otherwise absent' },
  redis_commands: { unit: 'count', over: 'sum', meaning: 'commands executed by Redis' },
  postgres_transactions: { unit: 'count', over: 'sum', meaning: 'transactions of the database, ended or rolled back' },
  postgres_rows_read: { unit: 'count', over: 'sum', meaning: 'rows and index entries that Postgres read' },
  postgres_rows_written: { unit: 'count', over: 'sum', meaning: 'rows inserted, updated or deleted' },
  postgres_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of Postgres, all processes' },
  short_turns: { unit: 'count', over: 'sum', meaning: 'number of short turns' },
  short_requests: { unit: 'count', over: 'sum', meaning: 'requests of the short turns' },
  short_replica_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of all replicas in the short turns' },
  short_redis_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of Redis in the short turns' },
  short_companion_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of companion processes in the short turns' },
  long_turns: { unit: 'count', over: 'sum', meaning: 'number of long turns; equal to that of short ones' },
  long_requests: { unit: 'count', over: 'sum', meaning: 'requests of the long turns' },
  long_replica_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of all replicas in the long turns' },
  long_redis_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of Redis in the long turns' },
  long_companion_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of companion processes in the long turns' },
  generator_cpu_ns: {
    unit: 'ns',
    over: 'sum',
    meaning: 'CPU time of the load generator; in `paired` for all arms of the block',
  },
  generator_busy_ratio: {
    unit: 'ratio',
    over: 'mean',
    meaning: "fraction of time in which the load generator's event loop was busy",
  },
  gc_ms: { unit: 'ms', over: 'sum', meaning: 'pauses of the replicas for garbage collection' },
  rss_bytes: {
    unit: 'B',
    over: 'last',
    meaning: 'resident memory: mean of the replicas, or growth of Redis in `store`',
  },
  warm_up_requests: {
    unit: 'count',
    over: 'setting',
    meaning: 'requests that warmed up each replica before anything was measured, or calls of a primitive',
  },
  connections: { unit: 'count', over: 'setting', meaning: 'connections of the load, all replicas together' },

  // Replicas limited to a share of a core
  replica_share_cores: { unit: 'cores', over: 'setting', meaning: 'CPU limit of each replica, in cores' },
  redis_share_cores: { unit: 'cores', over: 'setting', meaning: 'CPU limit of all Redis nodes together, in cores' },
  redis_commands_with_ramp: { unit: 'count', over: 'sum', meaning: 'commands executed by Redis, including the ramp' },
  loaded_ms: { unit: 'ms', over: 'sum', meaning: 'time under load, including the ramp' },

  // Open loop
  asked_rate_rps: { unit: 'req/s', over: 'setting', meaning: 'rate at which requests were to be sent' },
  achieved_rate_rps: { unit: 'req/s', over: 'mean', meaning: 'rate at which they were sent' },
  scheduled: { unit: 'count', over: 'sum', meaning: 'requests that were due' },
  sent_in_time: { unit: 'count', over: 'sum', meaning: 'of these, sent before the end of the schedule' },
  timed_out: { unit: 'count', over: 'sum', meaning: 'requests that timed out' },
  unanswered: { unit: 'count', over: 'sum', meaning: 'requests without a response at the end of the slice' },
  never_sent: { unit: 'count', over: 'sum', meaning: 'requests that were due but not sent' },
  generator_late: { unit: 'count', over: 'sum', meaning: 'requests that the load generator sent late' },
  generator_late_max_us: {
    unit: 'µs',
    over: 'largest',
    meaning: 'time by which the load generator itself sent one of them late',
  },
  connection_wait: { unit: 'count', over: 'sum', meaning: 'requests that waited for a free connection' },
  peak_in_flight: { unit: 'count', over: 'largest', meaning: 'maximum number of requests in flight' },
  in_flight_first: { unit: 'count', over: 'once', meaning: 'requests unanswered or unsent at the start of the slice' },
  in_flight_last: { unit: 'count', over: 'once', meaning: 'requests unanswered or unsent at its end' },
  usable_cores: {
    unit: 'cores',
    over: 'setting',
    meaning: 'cores that the run could use, with those of the load generator',
  },
  generator_wait_ms: { unit: 'ms', over: 'sum', meaning: 'time in which the load generator waited for a core' },

  cpu_wall_ns: {
    unit: 'ns',
    over: 'sum',
    meaning: 'wall-clock time of the window in which the CPU time of an open loop was read',
  },

  // Distance of Redis
  rtt_us: { unit: 'µs', over: 'setting', meaning: 'round trip to Redis, as calibrated' },
  proxy_delay_us: { unit: 'µs', over: 'setting', meaning: 'delay configured in the proxy for it' },
  proxy_cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of the proxy, from the ramp on' },
  proxy_wall_ns: { unit: 'ns', over: 'sum', meaning: 'wall-clock time of the window in which that CPU time was read' },
  proxy_delayed: { unit: 'count', over: 'sum', meaning: 'replies delayed by the proxy' },
  proxy_late_us: { unit: 'µs', over: 'sum', meaning: 'total time by which they exceeded the delay' },
  proxy_late_max_us: { unit: 'µs', over: 'largest', meaning: 'largest time by which one exceeded the delay' },

  // Isolated primitives, and the password hash
  wall_us_per_operation: { unit: 'µs', over: 'mean', meaning: 'wall-clock time of one operation' },
  cpu_us_per_operation: { unit: 'µs', over: 'mean', meaning: 'CPU time of one operation' },
  p50_us: { unit: 'µs', over: 'quantile', meaning: 'median over runs of several operations, as time per operation' },
  p90_us: {
    unit: 'µs',
    over: 'quantile',
    meaning: '90th percentile over runs of several operations, as time per operation',
  },
  p99_us: {
    unit: 'µs',
    over: 'quantile',
    meaning: '99th percentile over runs of several operations, as time per operation',
  },
  wall_ns: { unit: 'ns', over: 'sum', meaning: 'wall-clock time of the operations' },
  cpu_ns: { unit: 'ns', over: 'sum', meaning: 'CPU time of the operations' },

  // CPU profiles
  main_thread_ratio: {
    unit: 'ratio',
    over: 'mean',
    meaning: "the main thread's part of the replica's CPU time, its edge's included",
  },
  edge_main_thread_ratio: { unit: 'ratio', over: 'mean', meaning: "the same of the main thread of the replica's edge" },
  sampled_us: { unit: 'µs', over: 'buckets', meaning: 'sampled time by package, or by other activity' },
  edge_sampled_us: { unit: 'µs', over: 'buckets', meaning: 'the same in the process of the edge' },
  sampled_idle_us: { unit: 'µs', over: 'sum', meaning: 'sampled idle time' },
  sampled_cut_us: {
    unit: 'µs',
    over: 'sum',
    meaning: 'time removed from samples that were probably waiting for a core',
  },
  samples: { unit: 'count', over: 'sum', meaning: 'samples in the profile' },

  // Sessions in Redis
  used_memory_bytes: { unit: 'B', over: 'last', meaning: 'growth of the memory that Redis uses' },
  usage_bytes: { unit: 'B', over: 'last', meaning: "one session's keys by Redis's estimate, as the arm wrote them" },
  copy_usage_bytes: { unit: 'B', over: 'last', meaning: 'the same of a copy' },
  keys: { unit: 'count', over: 'last', meaning: 'keys in Redis' },
  expiry_ms: { unit: 'ms', over: 'once', meaning: 'from expiry until all expired keys were removed' },
  expiry_watched_ms: { unit: 'ms', over: 'once', meaning: 'from expiry to the end of observation' },
  ended_keys: { unit: 'count', over: 'sum', meaning: 'keys that expired together' },
  gone_keys: { unit: 'count', over: 'sum', meaning: 'of these, removed by the end of observation' },
  live_keys: { unit: 'count', over: 'last', meaning: 'live keys stored next to them' },
  evicted_keys: { unit: 'count', over: 'sum', meaning: 'keys that a full Redis evicted' },
  evicted_live_keys: { unit: 'count', over: 'sum', meaning: 'of these, keys of live sessions' },
  ended_left_keys: { unit: 'count', over: 'last', meaning: 'keys of ended sessions that were still in memory' },

  // Credentials and their claims
  credential_bytes: { unit: 'B', over: 'sum', meaning: 'bytes of the token, or of the name and value of the cookie' },
  bytes_per_session: { unit: 'B', over: 'last', meaning: "one session's keys in Redis, by Redis's estimate" },
  limit_roles: {
    unit: 'count',
    over: 'last',
    meaning: 'most roles with which the credential of every login fitted',
  },
  limit_roles_at_most: {
    unit: 'count',
    over: 'last',
    meaning: 'most roles with which some login’s credential still fitted',
  },

  // Revocation
  bound_ms: { unit: 'ms', over: 'setting', meaning: 'longest validity after revocation that the arm declares' },
  deployed_bound_ms: { unit: 'ms', over: 'setting', meaning: 'the same with the settings of a deployment' },
  watched_at_most_ms: {
    unit: 'ms',
    over: 'setting',
    meaning: 'how long a credential was observed after its revocation',
  },
  revoked_at_replica: {
    unit: 'index',
    over: 'once',
    meaning: 'for a service: the replica that was asked to revoke; the first is 0',
  },
  revoked_after_ms: { unit: 'ms', over: 'once', meaning: 'from login to revocation' },
  life_left_ms: {
    unit: 'ms',
    over: 'once',
    meaning: 'from revocation until the credential would have expired; only of those that end by expiry',
  },
  last_accepted_ms: { unit: 'ms', over: 'replicas', meaning: 'from revocation until it was last accepted' },
  first_refused_ms: { unit: 'ms', over: 'replicas', meaning: 'from revocation until it was refused for good' },

  // Faults: requests by due time, and moments
  fault_from_ms: { unit: 'ms', over: 'once', meaning: 'when the fault began, from the start of the timeline' },
  fault_to_ms: { unit: 'ms', over: 'once', meaning: 'when the broken component was back' },
  before_all: { unit: 'count', over: 'sum', meaning: 'requests due before the fault' },
  before_accepted: { unit: 'count', over: 'sum', meaning: 'of these, accepted' },
  during_all: { unit: 'count', over: 'sum', meaning: 'requests due during the fault' },
  during_accepted: { unit: 'count', over: 'sum', meaning: 'of these, accepted' },
  returning_all: { unit: 'count', over: 'sum', meaning: 'requests due while the broken component came back' },
  returning_accepted: { unit: 'count', over: 'sum', meaning: 'of these, accepted' },
  after_all: { unit: 'count', over: 'sum', meaning: 'requests due after the fault' },
  after_accepted: { unit: 'count', over: 'sum', meaning: 'of these, accepted' },
  settled_all: { unit: 'count', over: 'sum', meaning: 'requests answered during the fault, after caches expired' },
  settled_accepted: { unit: 'count', over: 'sum', meaning: 'of these, accepted' },
  end_all: { unit: 'count', over: 'sum', meaning: 'requests due at the end of the observation' },
  end_refused: { unit: 'count', over: 'sum', meaning: 'of these, refused with 401 or 403' },
  during_p50_ms: { unit: 'ms', over: 'quantile', meaning: 'median wait of requests due during the fault' },
  during_max_ms: { unit: 'ms', over: 'largest', meaning: 'longest wait of requests due during the fault' },
  lost: { unit: 'count', over: 'sum', meaning: 'requests not accepted since the fault' },
  hung: { unit: 'count', over: 'sum', meaning: 'requests that were never answered' },
  fail_low_ms: { unit: 'ms', over: 'once', meaning: 'from the fault to the last request before the first failure' },
  fail_ms: { unit: 'ms', over: 'once', meaning: 'from the fault to the first request that was not accepted' },
  recovery_low_ms: {
    unit: 'ms',
    over: 'once',
    meaning: 'from the return to the last request due after it that was not served, or as `recovery_ms` if it waited',
  },
  recovery_ms: {
    unit: 'ms',
    over: 'once',
    meaning:
      'from the return to the first answer to a request due after it, from which on all were served; in journals without `held`, to when that request was due',
  },
  held: { unit: 'count', over: 'sum', meaning: 'requests that waited for an answer at the return' },
  held_lost: { unit: 'count', over: 'sum', meaning: 'of these, neither accepted nor refused' },
  held_until_ms: {
    unit: 'ms',
    over: 'largest',
    meaning: 'from the return until the last of these was answered or timed out',
  },
  declared_survives: { unit: '0 or 1', over: 'setting', meaning: 'whether the arm declares to survive without Redis' },

  // Browsers
  succeeded: { unit: '0 or 1', over: 'last', meaning: 'whether the attack succeeded' },
  credential_sent: { unit: '0 or 1', over: 'last', meaning: "whether the browser sent the victim's credential" },
  cross_origin_works: { unit: '0 or 1', over: 'last', meaning: 'whether an honest page of another origin works' },
  plain_client_works: { unit: '0 or 1', over: 'last', meaning: 'whether a client that is not a browser works' },
} as const satisfies Record<string, MeasureInfo>;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as readonly Measure[];

type Over<A extends Aggregation> = {
  [M in Measure]: (typeof MEASURES)[M]['over'] extends A ? M : never;
}[Measure];

export type ReplicaMeasure = Over<'replicas'>;
export type BucketMeasure = Over<'buckets'>;
/** A measure with a single number. */
export type NumberMeasure = Exclude<Measure, ReplicaMeasure | BucketMeasure>;

/** The content of a slice: each measure at most once. */
export type Measures = {
  readonly [M in NumberMeasure]?: number;
} & { readonly [M in ReplicaMeasure]?: readonly (number | null)[] } & {
  readonly [M in BucketMeasure]?: Readonly<Record<string, number>>;
};

/** Measures under construction. */
export type MeasuresDraft = { -readonly [M in Measure]?: Measures[M] };

function schemaOf(over: Aggregation): TSchema {
  if (over === 'replicas') return Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: 1_000 });
  if (over === 'buckets') return Type.Record(Type.String(), Type.Number());
  return Type.Number();
}

/** Refuses names that are not registered. */
export const MeasuresSchema = Type.Unsafe<Measures>(
  Type.Object(Object.fromEntries(MEASURE_NAMES.map((name) => [name, Type.Optional(schemaOf(MEASURES[name].over))])), {
    additionalProperties: false,
  }),
);

export function isMeasure(name: string): name is Measure {
  return Object.hasOwn(MEASURES, name);
}
