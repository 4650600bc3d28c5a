/** Chains of services: the cost of checks by where they are made. */
import type { MetricInfo } from './metric-info.ts';

/** The name in figures of the line through the measured numbers of services. */
export const CHAIN_MODEL = 'line';
/** The number of services up to which the line is extrapolated and a break-even is searched for. */
export const MOST_SERVICES = 10;

export const CHAIN_METRICS = {
  chain_cpu_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time of all processes of a chain (services, store, auth service) for one request of a user',
    quotient: {
      numerator: {
        sum: ['busy_replica_cpu_ns', 'busy_redis_cpu_ns', 'busy_companion_cpu_ns'],
        dividedBy: 1000,
      },
      denominator: 'busy_requests',
    },
  },
  chain_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'that CPU time minus that of the same chain without authentication, in the same blocks',
    paired: { as: 'difference', of: 'chain_cpu_us' },
  },
  chain_ratio: {
    unit: '×',
    better: 'smaller',
    meaning: 'that CPU time as a multiple of that of the same chain without authentication, in the same blocks',
    paired: { as: 'ratio', of: 'chain_cpu_us' },
  },
  chain_toll_per_hop_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'what each further hop adds to the toll of a chain: the slope of a line through the measured hops',
  },
  chain_difference_per_hop_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'what each further hop adds to the CPU time of a chain minus what it adds to a chain whose services each check the credential of the other arm (against), or of the same one, in the same rounds',
  },
  chain_toll_bend_us: {
    unit: 'µs',
    better: 'neither',
    meaning:
      'what the last measured hop adds to the toll of a chain minus what the previous hop adds; 0 if the toll grows linearly',
  },
  model_chain_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'toll of a chain by the line through the measured hops; extrapolated beyond them',
  },
  chain_difference_us: {
    unit: 'µs',
    better: 'smaller',
    meaning:
      'CPU time of a chain whose edge exchanges the credential minus that of a chain whose services each ask the authorization server, over as many services, in the same blocks',
    paired: { as: 'difference', of: 'chain_cpu_us' },
  },
  chain_break_even_services: {
    unit: 'services',
    better: 'smaller',
    meaning: `number of services behind one edge above which that difference is negative: where a line through the measured differences crosses 0, at least 1; absent if it is not significantly negative at ${MOST_SERVICES} services`,
  },
  chain_latency_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'time from sending a request to its answer, through the whole chain, one request at a time; mean',
    quotient: { numerator: { sum: ['elapsed_ns'], dividedBy: 1000 }, denominator: 'answered' },
  },
  chain_latency_toll_us: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'that time minus that of the same chain without authentication, in the same blocks',
    paired: { as: 'difference', of: 'chain_latency_us' },
  },
} as const satisfies Record<string, MetricInfo>;
