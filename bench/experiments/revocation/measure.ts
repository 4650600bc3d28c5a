/** Measures revocation: credentials of every arm are used on every replica, revoked at a random moment, and watched. */
import type { Flag } from '../../../core/results/flags.ts';
import type { Measures } from '../../../core/results/measures.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { User } from '../../fleet/secrets.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { runForks } from '../../measuring/run-forks.ts';
import type { Position } from '../../measuring/slices.ts';
import { type CredentialKind, type CredentialOutcome, KINDS, type Kind, type Operation, runCycle } from './cycle.ts';
import { BEYOND_BOUND_MS, CHAINS, LEAST_MEASURE_MS, operationOf, REVOCATION_PLANS, specOf, TAIL_MS } from './plan.ts';
import { type Lives, livesOf } from './settings.ts';
import type { Watched } from './watch.ts';

export async function measureRevocation(context: ExperimentContext): Promise<StoppedBy> {
  const arms = context.arms.filter((arm) => !arm.baseline);
  if (arms.length === 0) {
    context.note(
      'revocation: not measured, because the baseline has no credentials to revoke; name other arms with --arms',
    );
    return 'plan';
  }
  const plan = { ...REVOCATION_PLANS[context.config.profile], specs: arms.map(specOf) };
  return runForks(context, plan, async ({ fork, fleets }, time) => {
    const deadlineMs = performance.now() + Math.max(LEAST_MEASURE_MS, 1000 * time.leftSeconds() - TAIL_MS);
    context.progress({ step: `start ${fork + 1}: revoking credentials of ${arms.length} arms` });
    await Promise.all(fleets.map((fleet) => new ArmRevocations(context, fork, fleet).run(deadlineMs)));
  });
}

/** One revocation, and what was seen of one of the credentials that it ended. */
interface Cycle {
  readonly kind: Kind;
  readonly operation: Operation;
  readonly position: Position;
  readonly durationMs: number;
  readonly outcome: CredentialOutcome;
}

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

  /** Revokes until no further revocation fits before `deadlineMs`, on the clock of performance.now(). */
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
        this.#record({ kind, operation, position: { fork: this.#fork, block: number, order }, durationMs, outcome });
    }
  }

  /** Each kind in turn. A disabled user does not come back, so others must be left. */
  #kindOf(number: number): Kind {
    const kind = KINDS[number % KINDS.length] ?? 'logout';
    return kind === 'disable' && this.#users.length < CHAINS.later ? 'logout' : kind;
  }

  /** A revocation of all of a user's credentials is watched with two of them, each issued by a random replica. */
  #credentialsFor(kind: Kind, number: number): readonly (CredentialKind | null)[] {
    if (this.#fleet.spec.arm.variant !== 'both-credentials') return kind === 'logout' ? [null] : [null, null];
    const both: CredentialKind[] =
      Math.floor(number / KINDS.length) % 2 === 0 ? ['cookie', 'token'] : ['token', 'cookie'];
    return kind === 'logout' ? both.slice(0, 1) : both;
  }

  #record({ kind, operation, position, durationMs, outcome }: Cycle): void {
    const { credential, revokedAfterMs, watched } = outcome;
    const unexpected = watched.reduce((sum, each) => sum + each.unexpected, 0);
    const statuses: Record<string, number> = {};
    for (const each of watched) {
      for (const [status, count] of Object.entries(each.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
    }
    const flags: Flag[] = unexpected > 0 ? ['unexpected-responses'] : [];
    const { boundMs, deployedBoundMs, shortened } = this.#lives;
    this.#context.record({
      ...position,
      arm: this.#fleet.spec.key,
      factors: {
        kind,
        operation,
        settings: shortened === null ? 'deployed' : 'shortened',
        ...(credential === null ? {} : { credential }),
      },
      mode: 'watch',
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

/** Null for a replica that accepted nothing after the revocation, or never refused for good. */
function measuresOf(watched: readonly Watched[]): Measures {
  return {
    last_accepted_ms: watched.map(({ lastAcceptedMs }) => lastAcceptedMs),
    first_refused_ms: watched.map(({ firstRefusedMs }) => firstRefusedMs),
  };
}
