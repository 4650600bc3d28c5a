/** Revocation and outages. */
import { CLIENT_DEADLINE_MS } from '../outage.ts';
import type { MetricInfo } from './metric-info.ts';

export const FAULT_METRICS = {
  revocation_lag_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning:
      'time from the acknowledged revocation to the last accepted request with the credential, on the slowest replica; the interval ends at the first request after which all were refused',
  },
  replica_revocation_lag_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning:
      'for a service: the same on the replica that was asked to revoke (factor `replica`: `asked`), and on the slowest other one',
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
      'time from the return of the broken component until the first response to an authenticated request that was sent after it, provided that none failed later with an error, 503 or timeout; refusing a lost session counts as a response',
  },
  outage_away_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning:
      'how long the broken component was unavailable; the longer that is, the later a client that retries at growing intervals reconnects',
  },
  requests_held: {
    unit: 'requests',
    better: 'smaller',
    meaning: 'authenticated requests that were waiting when the broken component returned',
  },
  held_settled_ms: {
    unit: 'ms',
    better: 'smaller',
    meaning: `time from the return until the last of the waiting requests was answered, or timed out in its client after ${CLIENT_DEADLINE_MS / 1000} s`,
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
    meaning: 'requests without an outcome at the end: neither answered, failed nor timed out',
  },
} as const satisfies Record<string, MetricInfo>;
