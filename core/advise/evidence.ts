/** The part of a run's results that the advice needs, by arm. The report's page embeds it as JSON. */

import type { Interval } from '../stats/interval.ts';

/** A figure, with what identifies it in the run. */
export interface Sourced extends Interval {
  readonly experiment: string;
  readonly metric: string;
  readonly arm: string;
  readonly factors: Readonly<Record<string, string | number>>;
  readonly unit: string;
  readonly flags: readonly string[];
}

/** What an arm promises, as recorded in the run. */
export interface Declared {
  /** Null if a revoked credential stays valid until it expires. */
  readonly revokedWithinMs: number | null;
  /** Null if only its server limits the lifetime. */
  readonly lifetimeMs: number | null;
  /** A critical operation checks whether the credential was revoked, although a light read does not. */
  readonly rechecksCredential: boolean;
  readonly survivesRedisOutage: boolean;
  readonly needsStickyRouting: boolean;
  readonly crossOrigin: boolean;
  readonly needsCsrfProtection: boolean;
  readonly readableByScript: boolean;
  readonly refreshTokens: boolean;
}

export interface ArmFacts {
  readonly name: string;
  readonly title: string;
  readonly family: string;
  readonly serverState: string;
  readonly stores: readonly string[];
  readonly variant: string | null;
  readonly tokenAlgorithm: string | null;
  /** Where the copy of a login that answers light reads is kept; null for an arm without such copies. */
  readonly copiesIn: 'replica' | 'edge' | 'client' | null;
  /**
   * How many verified tokens each replica remembers, and for how long; null for none, or if the run does not record
   * it.
   */
  readonly remembers: { readonly tokens: number; readonly forMs: number } | null;
  /** Null if the run does not record it. */
  readonly declares: Declared | null;
}

export interface ArmEvidence extends ArmFacts {
  readonly failedGate: boolean;
  /** CPU time of the server process for one `GET /me`. */
  readonly cpuUs: Sourced | null;
  readonly redisCpuUs: Sourced | null;
  /**
   * `cpuUs` of the arm that verifies the same token every time; null if this arm remembers none, or the run lacks
   * that arm.
   */
  readonly verifiedUs: Sourced | null;
  /** CPU time of its authorization server or database; null if it has none. */
  readonly companionCpuUs: Sourced | null;
  /** CPU time as a multiple of the baseline's, including Redis if the run compares it that way. */
  readonly toBaseline: Sourced | null;
  readonly redisCommands: Sourced | null;
  readonly requestBytes: Sourced | null;
  readonly responseBytes: Sourced | null;
  /** Bytes stored, by the kind of state. */
  readonly storedBytes: Readonly<Record<string, Sourced>>;
  /** The longest lag that was measured after a revocation. */
  readonly lagMs: { readonly read: Sourced | null; readonly critical: Sourced | null };
  /** The lowest share over all faults that were tried. */
  readonly acceptedInOutagePct: Sourced | null;
  readonly failOpenPct: Sourced | null;
  /** A client that keeps no cookies. */
  readonly plainClient: Sourced | null;
  /** A page of another site, on the list of allowed origins. */
  readonly acrossSites: Sourced | null;
  readonly readByScript: Sourced | null;
  /** The share of requests forged by another page that were accepted with the CSRF token switched off. */
  readonly forged: Sourced | null;
  /** The 99th percentile by load, in percent of one replica's capacity; without figures that the machine disturbed. */
  readonly latencies: readonly { readonly loadPct: number; readonly p99Us: Sourced }[];
}

/** `less` and `more` describe the first against the second, after correction for the number of pairs. */
export interface PairEvidence {
  readonly a: string;
  readonly b: string;
  readonly outcome: 'less' | 'more' | 'no difference' | 'one sample';
  readonly ratio: Sourced;
}

export interface RunEvidence {
  readonly runId: string;
  readonly startedAt: string;
  readonly machine: string;
  readonly commit: string | null;
  readonly complete: boolean;
  /** Whether this is the reference run: measured elsewhere, and kept with the program. */
  readonly reference: boolean;
  readonly experiments: readonly string[];
  /** The unguarded arm, and its cost of a request; null if the run has none. */
  readonly baseline: string | null;
  readonly baselineCpuUs: Sourced | null;
  readonly arms: readonly ArmEvidence[];
  readonly pairs: readonly PairEvidence[];
  readonly ratiosIncludeRedis: boolean;
  /** Measured arms whose promises have changed since; they are judged by the recorded ones. */
  readonly changed: readonly string[];
  /** Arms that exist but were not measured in this run. */
  readonly others: readonly ArmFacts[];
}
