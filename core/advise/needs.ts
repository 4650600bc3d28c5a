/**
 * What an application needs of its authentication: the input of the advice. The report's page runs this file with its
 * types stripped, so it imports types alone.
 */

/**
 * `browser`: pages of the application itself. `api`: programs that keep no cookies. `mobile`: apps, which may use
 * either.
 */
export const CLIENTS = ['browser', 'api', 'mobile'] as const;
export type Client = (typeof CLIENTS)[number];

/** Where the servers may keep state: in Redis or anywhere, only in their processes, or nowhere. */
export const STORES = ['redis', 'process', 'none'] as const;
export type StoreAllowed = (typeof STORES)[number];

/** Whether authenticated reads may be refused while Redis is unavailable, or must still be answered. */
export const OUTAGES = ['refuse', 'answer'] as const;
export type OutageTolerance = (typeof OUTAGES)[number];

/** Monthly prices of the reader, in any currency. */
export interface Prices {
  /** One replica of one core. */
  readonly replica: number;
  /** One Redis process, of one core and `USUAL.redisNodeBytes`. */
  readonly redisNode: number;
  /** A gigabyte between clients and replicas, both ways. */
  readonly gigabyte: number;
}

export interface Needs {
  /** Logged in at the same time. */
  readonly users: number;
  readonly requestsPerSecond: number;
  /** The share of requests that must know the current state: 0 to 1. */
  readonly criticalShare: number;
  /** The round-trip time between replica and Redis. */
  readonly rttMs: number;
  /** How long any request may accept a revoked credential, in ms; null for no limit. */
  readonly revokeWithinMs: number | null;
  /** The same for critical operations; never longer than `revokeWithinMs`. */
  readonly criticalWithinMs: number | null;
  readonly clients: readonly Client[];
  /** Whether pages of another site call the application with the user's credential. */
  readonly crossOrigin: boolean;
  /** Whether an injected script must find no credential to read. */
  readonly keepFromScripts: boolean;
  /** Whether services that must not be able to issue credentials verify them. */
  readonly verifiedElsewhere: boolean;
  readonly outage: OutageTolerance;
  readonly store: StoreAllowed;
  /** Whether a user may be bound to one replica, whose restart ends that replica's sessions. */
  readonly sticky: boolean;
  /** Whether code that no library maintains may be chosen. */
  readonly handTuned: boolean;
  /** The highest utilisation of replicas and Redis, 0 to 1. */
  readonly utilisation: number;
  readonly p99Ms: number | null;
  readonly prices: Prices | null;
  /** Monthly, in the currency of the prices. */
  readonly budget: number | null;
}

/** The needs of a user who states none. */
export const DEFAULT_NEEDS: Needs = {
  users: 100_000,
  requestsPerSecond: 10_000,
  criticalShare: 0.05,
  rttMs: 0.3,
  revokeWithinMs: null,
  criticalWithinMs: null,
  clients: ['browser'],
  crossOrigin: false,
  keepFromScripts: true,
  verifiedElsewhere: false,
  outage: 'refuse',
  store: 'redis',
  sticky: false,
  handTuned: false,
  utilisation: 0.7,
  p99Ms: null,
  prices: null,
  budget: null,
};

/** The sensible range of a number, and whether its steps are ratios. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly scale: 'log' | 'linear';
}

/** Thirty days: longer than any credential of a browser should live. */
export const LONGEST_MS = 30 * 86_400_000;

export const RANGES = {
  users: { low: 1, high: 1e9, scale: 'log' },
  requestsPerSecond: { low: 1, high: 1e7, scale: 'log' },
  criticalShare: { low: 0, high: 1, scale: 'linear' },
  rttMs: { low: 0.01, high: 500, scale: 'log' },
  revokeWithinMs: { low: 1, high: LONGEST_MS, scale: 'log' },
  criticalWithinMs: { low: 1, high: LONGEST_MS, scale: 'log' },
  utilisation: { low: 0.1, high: 0.95, scale: 'linear' },
  p99Ms: { low: 0.1, high: 10_000, scale: 'log' },
  budget: { low: 1, high: 1e9, scale: 'log' },
} as const satisfies Partial<Record<keyof Needs, Range>>;
export type NumericNeed = keyof typeof RANGES;

/**
 * A page of another site cannot be given a cookie that all browsers send, so it must hold the credential itself.
 * Otherwise the credential is kept from scripts by default.
 */
export function hidesFromScripts(clients: readonly Client[], crossOrigin: boolean): boolean {
  return clients.includes('browser') && !crossOrigin;
}

/** Contradictions in the needs, which no server could meet; empty for none. */
export function faultsOf(needs: Needs): string[] {
  const faults: string[] = [];
  const { revokeWithinMs, criticalWithinMs } = needs;
  if (needs.clients.length === 0) faults.push('at least one kind of client is needed');
  if (revokeWithinMs !== null && (criticalWithinMs === null || criticalWithinMs > revokeWithinMs))
    faults.push('the limit for critical operations cannot be longer than for all requests');
  if (needs.budget !== null && needs.prices === null) faults.push('a budget needs prices');
  return faults;
}
