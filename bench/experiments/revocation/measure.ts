/** Measures revocation: credentials of every arm are used on every replica, revoked at a random moment, and watched. */
import type { Flag } from '../../../core/results/flags.ts';
import type { Measures } from '../../../core/results/measures.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { RevocationKind } from '../../fleet/foreign.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { runForks } from '../../measuring/run-forks.ts';
import type { Position } from '../../measuring/slices.ts';
import { type Client, type Clients, type CredentialKind, clientsOf, type Operation } from './clients.ts';
import { type CredentialOutcome, runCycle } from './cycle.ts';
import { armLives, serviceLives, type WatchedLives } from './lives.ts';
import { BEYOND_BOUND_MS, CHAINS, LEAST_MEASURE_MS, operationOf, REVOCATION_PLANS, specOf, TAIL_MS } from './plan.ts';
import type { Watched } from './watch.ts';

export async function measureRevocation(context: ExperimentContext): Promise<StoppedBy> {
  const arms = context.arms.filter((arm) => !arm.baseline && arm.twinOf === undefined);
  if (arms.length === 0) {
    context.note(
      'revocation: not measured, because the baseline has no credentials to revoke; select other arms with --arms',
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

/** One revocation, and the observations of one credential that it ended. */
interface Cycle {
  readonly kind: RevocationKind;
  readonly operation: Operation;
  readonly position: Position;
  readonly durationMs: number;
  readonly outcome: CredentialOutcome;
}

class ArmRevocations {
  readonly #context: ExperimentContext;
  readonly #fork: number;
  readonly #fleet: Fleet;
  readonly #lives: WatchedLives;
  readonly #random: Random;
  readonly #chains: number;
  /** The least number of cycles: for a service, every kind occurs at least once, in addition to the warm-up ones. */
  readonly #least: number;
  readonly #clients: Clients;
  /** Users who can still log in. */
  readonly #users: Client[];
  #cycles = 0;

  constructor(context: ExperimentContext, fork: number, fleet: Fleet) {
    this.#context = context;
    this.#fork = fork;
    this.#fleet = fleet;
    this.#lives = fleet.foreign === undefined ? armLives(fleet.spec.arm) : serviceLives(fleet.spec.arm);
    this.#random = context.random.derive(`revocation ${fork} ${fleet.spec.key}`);
    this.#chains = this.#lives.boundMs === 0 ? CHAINS.atOnce : CHAINS.later;
    this.#clients = clientsOf(fleet);
    this.#users = [...this.#clients.all];
    this.#least = this.#chains + (fleet.foreign === undefined ? 0 : this.#clients.kinds.length);
  }

  /** Revokes until no further revocation fits before `deadlineMs`, on the clock of performance.now(). */
  async run(deadlineMs: number): Promise<void> {
    if (this.#clients.kinds.length === 0) {
      const { key } = this.#fleet.spec;
      this.#context.note(`revocation: ${key} has no request that ends a credential: add requests.logout`);
      return;
    }
    await Promise.all(Array.from({ length: this.#chains }, () => this.#chain(deadlineMs)));
  }

  async #chain(deadlineMs: number): Promise<void> {
    const { signal } = this.#context;
    // If milliseconds matter, the first cycle of each chain is a warm-up, because its code is cold.
    for (let isPractice = this.#lives.boundMs === 0; !signal.aborted; isPractice = false) {
      const expectedMs = this.#lives.waitMs + TAIL_MS;
      if (this.#cycles >= this.#least && performance.now() + expectedMs > deadlineMs) return;
      const user = this.#users.shift();
      if (user === undefined) return;
      const number = this.#cycles++;
      const kind = this.#kindOf(number, user);
      const { kinds, operations } = this.#clients;
      const operation = operationOf(number, kinds.length, operations);
      const started = performance.now();
      const outcomes = await runCycle({
        replicas: this.#fleet.replicas,
        client: user,
        kind,
        operation,
        credentials: this.#credentialsFor(kind, number),
        lifeMs: this.#lives.lifeMs,
        limitMs: this.#lives.waitMs + BEYOND_BOUND_MS,
        random: this.#random.derive(`cycle ${number}`),
        signal,
      });
      if (kind !== 'disable' || user.restore !== null) this.#users.push(user);
      if (isPractice || outcomes === null || signal.aborted) continue;
      const durationMs = performance.now() - started;
      for (const [order, outcome] of outcomes.entries())
        this.#record({ kind, operation, position: { fork: this.#fork, block: number, order }, durationMs, outcome });
    }
  }

  /** Kinds alternate. A permanently disabled user does not return, so others must be left. */
  #kindOf(number: number, user: Client): RevocationKind {
    const { kinds } = this.#clients;
    const kind = kinds[number % kinds.length] ?? 'logout';
    return kind === 'disable' && user.restore === null && this.#users.length < CHAINS.later ? 'logout' : kind;
  }

  /** A revocation of all of a user's credentials is watched with two of them, each issued by a random replica. */
  #credentialsFor(kind: RevocationKind, number: number): readonly (CredentialKind | null)[] {
    if (this.#fleet.spec.arm.variant !== 'both-credentials') return kind === 'logout' ? [null] : [null, null];
    const both: CredentialKind[] =
      Math.floor(number / this.#clients.kinds.length) % 2 === 0 ? ['cookie', 'token'] : ['token', 'cookie'];
    return kind === 'logout' ? both.slice(0, 1) : both;
  }

  #record({ kind, operation, position, durationMs, outcome }: Cycle): void {
    const { credential, revokedAfterMs, lifeLeftMs, revokedAt, watched } = outcome;
    const unexpected = watched.reduce((sum, each) => sum + each.unexpected, 0);
    const statuses: Record<string, number> = {};
    for (const each of watched) {
      for (const [status, count] of Object.entries(each.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
    }
    const flags: Flag[] = unexpected > 0 ? ['unexpected-responses'] : [];
    const { boundMs, waitMs, deployedBoundMs, shortened } = this.#lives;
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
        ...(boundMs === null ? {} : { bound_ms: boundMs }),
        ...(deployedBoundMs === null ? {} : { deployed_bound_ms: deployedBoundMs }),
        watched_at_most_ms: waitMs + BEYOND_BOUND_MS,
        revoked_after_ms: revokedAfterMs,
        ...(lifeLeftMs === null ? {} : { life_left_ms: lifeLeftMs }),
        ...(this.#fleet.foreign === undefined ? {} : { revoked_at_replica: revokedAt }),
        ...measuresOf(watched),
      },
      flags,
    });
  }
}

/** Null for a replica that accepted nothing after the revocation, or never refused permanently. */
function measuresOf(watched: readonly Watched[]): Measures {
  return {
    last_accepted_ms: watched.map(({ lastAcceptedMs }) => lastAcceptedMs),
    first_refused_ms: watched.map(({ firstRefusedMs }) => firstRefusedMs),
  };
}
