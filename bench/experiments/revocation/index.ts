/** How long does a revoked credential live? Logout, logout-all and disabling a user, seen from every replica. */

import type { Flag } from '../../../core/results/flags.ts';
import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import type { User } from '../../fleet/secrets.ts';
import { type ArmPredicate, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile } from '../../measuring/experiment.ts';
import { analyseRevocation } from './analyse.ts';
import { type CredentialKind, type CredentialOutcome, KINDS, type Kind, type Operation, runCycle } from './cycle.ts';
import { type Lives, livesOf } from './settings.ts';
import type { Watched } from './watch.ts';

export const REVOCATION = 'revocation';

/**
 * Each way to revoke a credential. A variant is measured where it may be revoked otherwise than the plain arm: what it keeps in
 * Redis is read in another way, or behind a cache. What lives in one replica's memory is revoked with it.
 */
const isRevokedInItsOwnWay: ArmPredicate = (arm) =>
  !arm.baseline &&
  !arm.needsStickyRouting &&
  (isPlainOr(arm) || (arm.usesRedis && isPlainOr(arm, 'hand-tuned', 'cached', 'both-credentials')));

const MAX_FORKS: Readonly<Record<Profile, number>> = { quick: 1, full: 2 };
/** Credentials of an arm that are watched at the same time: few, since what is measured is no load. */
const CHAINS = { atOnce: 2, later: 8 } as const;
/** Even with no time left a fork measures so long: its start would be wasted otherwise. */
const LEAST_MEASURE_MS = 4_000;
/** What stopping the fleets and the last cycles take. */
const TAIL_MS = 1_500;
/** A credential is watched so much longer than its bound before it counts as never refused. */
const BEYOND_BOUND_MS = 2_000;

class ArmRevocations {
  readonly #context: ExperimentContext;
  readonly #fork: number;
  readonly #fleet: Fleet;
  readonly #lives: Lives;
  readonly #random: Random;
  readonly #chains: number;
  /** Who can still log in. */
  readonly #users: User[];
  #cycles = 0;

  constructor(context: ExperimentContext, fork: number, fleet: Fleet) {
    this.#context = context;
    this.#fork = fork;
    this.#fleet = fleet;
    this.#lives = livesOf(fleet.spec.arm);
    this.#random = context.random.derive(`revocation ${fork} ${fleet.spec.key}`);
    this.#chains = this.#lives.boundMs === 0 ? CHAINS.atOnce : CHAINS.later;
    this.#users = fleet.users.slice(0, -1);
  }

  /** Goes on until no further revocation fits before `deadlineMs` on the clock of performance.now(). */
  async run(deadlineMs: number): Promise<void> {
    await Promise.all(Array.from({ length: this.#chains }, () => this.#chain(deadlineMs)));
  }

  async #chain(deadlineMs: number): Promise<void> {
    const { signal } = this.#context;
    // The first of each chain is for practice, where milliseconds count: the code behind it runs for the first time.
    for (let isPractice = this.#lives.boundMs === 0; !signal.aborted; isPractice = false) {
      const expectedMs = this.#lives.boundMs + TAIL_MS;
      if (this.#cycles >= this.#chains && performance.now() + expectedMs > deadlineMs) return;
      const user = this.#users.shift();
      if (user === undefined) return;
      const number = this.#cycles++;
      const kind = this.#kindOf(number);
      const operation = operationOf(number);
      const started = performance.now();
      const outcomes = await runCycle({
        fleet: this.#fleet,
        user,
        kind,
        operation,
        credentials: this.#credentialsFor(kind, number),
        lifeMs: this.#lives.shortened === null ? null : this.#lives.boundMs,
        limitMs: this.#lives.boundMs + BEYOND_BOUND_MS,
        random: this.#random.derive(`cycle ${number}`),
        signal,
      });
      if (kind !== 'disable') this.#users.push(user);
      if (isPractice || outcomes === null || signal.aborted) continue;
      const durationMs = performance.now() - started;
      for (const [order, outcome] of outcomes.entries())
        this.#record({ kind, operation }, { block: number, order }, durationMs, outcome);
    }
  }

  /** In turn; a user who was disabled does not come back, so that there must be others left. */
  #kindOf(number: number): Kind {
    const kind = KINDS[number % KINDS.length] ?? 'logout';
    return kind === 'disable' && this.#users.length < CHAINS.later ? 'logout' : kind;
  }

  /** Whoever ends all of a user's credentials is watched with two of them, issued where chance will have it. */
  #credentialsFor(kind: Kind, number: number): readonly (CredentialKind | null)[] {
    if (this.#fleet.spec.arm.variant !== 'both-credentials') return kind === 'logout' ? [null] : [null, null];
    const both: CredentialKind[] =
      Math.floor(number / KINDS.length) % 2 === 0 ? ['cookie', 'token'] : ['token', 'cookie'];
    return kind === 'logout' ? both.slice(0, 1) : both;
  }

  #record(
    asked: { readonly kind: Kind; readonly operation: Operation },
    place: { readonly block: number; readonly order: number },
    durationMs: number,
    { credential, revokedAfterMs, watched }: CredentialOutcome,
  ): void {
    const unexpected = watched.reduce((sum, each) => sum + each.unexpected, 0);
    const statuses: Record<string, number> = {};
    for (const each of watched) {
      for (const [status, count] of Object.entries(each.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
    }
    const flags: Flag[] = unexpected > 0 ? ['unexpected-responses'] : [];
    const { boundMs, deployedBoundMs, shortened } = this.#lives;
    this.#context.record({
      fork: this.#fork,
      ...place,
      arm: this.#fleet.spec.key,
      factors: {
        ...asked,
        settings: shortened === null ? 'deployed' : 'shortened',
        ...(credential === null ? {} : { credential }),
      },
      mode: 'count',
      durationMs,
      requests: watched.reduce((sum, each) => sum + each.probes, 0),
      unexpected,
      failed: 0,
      statuses,
      measures: {
        bound_ms: boundMs,
        ...(deployedBoundMs === null ? {} : { deployed_bound_ms: deployedBoundMs }),
        watched_at_most_ms: boundMs + BEYOND_BOUND_MS,
        revoked_after_ms: revokedAfterMs,
        ...measuresOf(watched),
      },
      flags,
    });
  }
}

/** Two of three are of the read, which the declaration is of. */
function operationOf(number: number): Operation {
  return Math.floor(number / KINDS.length) % 3 === 2 ? 'critical' : 'read';
}

/** `last_accepted_ms_0`: on the first replica; left out where nothing was accepted, or never refused for good. */
function measuresOf(watched: readonly Watched[]): Record<string, number> {
  const measures: Record<string, number> = { replicas: watched.length };
  for (const [i, { lastAcceptedMs, firstRefusedMs }] of watched.entries()) {
    if (lastAcceptedMs !== null) measures[`last_accepted_ms_${i}`] = lastAcceptedMs;
    if (firstRefusedMs !== null) measures[`first_refused_ms_${i}`] = firstRefusedMs;
  }
  return measures;
}

function specOf(arm: ArmInfo): FleetSpec {
  const { shortened } = livesOf(arm);
  return {
    key: arm.name,
    arm,
    // What works only where it was issued is revoked there too.
    replicas: arm.needsStickyRouting ? 1 : 2,
    replicaShare: null,
    redisShare: null,
    users: 0,
    ...(shortened === null ? {} : { settings: shortened }),
  };
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const { config, signal, progress, secondsLeft } = context;
  const arms = context.arms.filter((arm) => !arm.baseline);
  if (arms.length === 0) {
    context.note('revocation: nothing guards the baseline, so there is nothing to revoke; name other arms too');
    return 'plan';
  }
  const maxForks = MAX_FORKS[config.profile];
  // Of an earlier part of the run the last fork was broken off.
  let done = Math.max(0, new Set(context.prior.map(({ fork }) => fork)).size - 1);
  for (let fork = context.firstFork; done < maxForks; fork++) {
    const before = secondsLeft();
    progress({ step: `fork ${fork + 1}: starting ${arms.length} arms` });
    await context.withFork(fork, arms.map(specOf), async ({ fleets }) => {
      const startSeconds = before - secondsLeft();
      const forksLeft = maxForks - done;
      // What is left, shared with the forks to come and their starts.
      const share = secondsLeft() / forksLeft - (startSeconds * (forksLeft - 1)) / forksLeft;
      const deadlineMs = performance.now() + Math.max(LEAST_MEASURE_MS, share * 1000 - TAIL_MS);
      progress({ step: `fork ${fork + 1}: revoking credentials of ${arms.length} arms` });
      await Promise.all(fleets.map((fleet) => new ArmRevocations(context, fork, fleet).run(deadlineMs)));
    });
    if (signal.aborted) return 'interrupted';
    done++;
    if (secondsLeft() < before - secondsLeft() && done < maxForks) return 'budget';
  }
  return 'plan';
}

export const revocation: Experiment = {
  name: REVOCATION,
  question: 'How long does a revoked credential live?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 30, full: 90 },
  defaultArms: armsWhere(isRevokedInItsOwnWay),
  run,
  analyse: (slices: readonly Slice[], context) => analyseRevocation(slices, context),
};
