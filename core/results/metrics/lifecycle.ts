/** Login, refresh and logout. */
import type { MetricInfo } from './metric-info.ts';

export const LIFECYCLE_METRICS = {
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
    quotient: { numerator: { sum: ['asked_redis_cpu_ns'], dividedBy: 1000 }, denominator: 'requests' },
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
      'CPU time of the replica for one login or logout minus the baseline’s in the same blocks; the baseline also hashes the password',
    paired: { as: 'difference', of: 'cpu_us_per_operation' },
  },
  operations_per_second: {
    unit: 'op/s',
    better: 'bigger',
    meaning:
      'logins, refreshes or logouts answered as expected per second; the factor `in_flight` is the number running concurrently',
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
} as const satisfies Record<string, MetricInfo>;
