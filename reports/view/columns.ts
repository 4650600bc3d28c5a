/** Columns shared by several exporters: one head for one figure, whether on a page, in Markdown or in a terminal. */
import type { Metric } from '../../core/results/metrics.ts';
import type { Factors } from '../../core/results/schema.ts';
import type { Decision } from './view.ts';

export interface ArmColumn {
  readonly head: string;
  readonly metric: Metric;
  readonly field: Exclude<keyof Decision, 'arm' | 'place'>;
}

export const RESPONSE_HEAD = 'Response bytes';

/** The cost of a request for each arm, in the order of the table's columns. */
export const ARM_COLUMNS: readonly ArmColumn[] = [
  { head: 'CPU per request', metric: 'cpu_us_per_request', field: 'cpu' },
  { head: 'Redis CPU', metric: 'redis_cpu_us_per_request', field: 'redisCpu' },
  { head: 'CPU incl. Redis', metric: 'total_cpu_us_per_request', field: 'total' },
  { head: '× baseline', metric: 'total_cpu_ratio_to_baseline', field: 'ratio' },
  { head: 'Toll', metric: 'cpu_toll_us', field: 'toll' },
  { head: 'Redis commands', metric: 'redis_commands_per_request', field: 'redisCommands' },
  { head: 'Request bytes', metric: 'request_bytes', field: 'requestBytes' },
  { head: RESPONSE_HEAD, metric: 'response_bytes', field: 'responseBytes' },
];

export const PLACE_HEAD = 'Place';
export const STATE_HEAD = 'State on the server';

export interface OutageColumn {
  readonly head: string;
  readonly metric: Metric;
  readonly factors: Factors;
  /** Whether it is also in the narrow table. */
  readonly brief: boolean;
}

/** What clients saw of a fault, by arm. */
export const OUTAGE_COLUMNS: readonly OutageColumn[] = [
  { head: 'Accepted', metric: 'outage_accepted_pct', factors: { route: 'me' }, brief: true },
  { head: 'Public route', metric: 'outage_accepted_pct', factors: { route: 'public' }, brief: false },
  { head: 'Revoked, accepted', metric: 'fail_open_pct', factors: { phase: 'during' }, brief: true },
  { head: 'and after', metric: 'fail_open_pct', factors: { phase: 'after' }, brief: false },
  { head: 'First failure after', metric: 'time_to_fail_ms', factors: {}, brief: false },
  { head: 'Served again after', metric: 'recovery_ms', factors: {}, brief: true },
  { head: 'Away for', metric: 'outage_away_ms', factors: {}, brief: false },
  { head: 'Waiting at its return', metric: 'requests_held', factors: {}, brief: false },
  { head: 'Last of these settled after', metric: 'held_settled_ms', factors: {}, brief: false },
  { head: 'Median wait', metric: 'outage_answer_ms', factors: { quantile: 'p50' }, brief: false },
  { head: 'Longest wait', metric: 'outage_answer_ms', factors: { quantile: 'max' }, brief: true },
  { head: 'Requests lost', metric: 'requests_lost', factors: {}, brief: false },
  { head: 'Timed out', metric: 'requests_timed_out', factors: {}, brief: false },
  { head: 'Hung', metric: 'requests_hung', factors: {}, brief: false },
  { head: 'Credentials lost', metric: 'credentials_lost_pct', factors: {}, brief: true },
];

/** The ways to end a credential. */
export const REVOCATION_KINDS = [
  { name: 'logout', head: 'Logout' },
  { name: 'logout-all', head: 'Logout everywhere' },
  { name: 'disable', head: 'User disabled' },
] as const;

export const CRITICAL_HEAD = 'Critical operation';
export const DECLARED_HEAD = 'Declared bound';
