/** Stores: their share of a core, their distance, and the state they keep. */
import type { MetricInfo } from './metric-info.ts';

export const STORE_METRICS = {
  refused_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'share of requests with a valid credential that were not answered as the contract requires',
    quotient: { numerator: { sum: ['refused'], times: 100 }, denominator: 'attempted' },
  },
  redis_share_utilisation: {
    unit: '%',
    better: 'neither',
    meaning: 'CPU time of Redis over its CPU share; all nodes together for a cluster',
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
    meaning:
      'time from the simultaneous expiry of many keys until Redis has removed all of them; without the factor `live_per_ended`, in an otherwise empty Redis',
  },
  expired_gone_pct: {
    unit: '%',
    better: 'bigger',
    meaning:
      'share of simultaneously expired entries that Redis had removed at the end of observation, by the number of live entries for each (factor `live_per_ended`) and `active-expire-effort` (factor `expire_effort`; 1 is the default)',
  },
  expiry_watched_ms: {
    unit: 'ms',
    better: 'neither',
    meaning: 'how long they were observed: until all were removed, or until the end of observation',
  },
  evicted_live_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'share of the keys evicted by a full Redis with `volatile-ttl` that belonged to live sessions, although there were enough ended ones to evict; by the number of live sessions for each ended one (factor `live_per_ended`) and `maxmemory-samples` (factor `eviction_samples`; 5 is the default)',
  },
} as const satisfies Record<string, MetricInfo>;
