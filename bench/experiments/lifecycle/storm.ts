/** Everybody logs in at once, with the real password hash: how many get in, how long it takes, and what `GET /me` feels of it. */

import type { Flag } from '../../../core/results/flags.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { ARGON2_REAL } from '../../fleet/secrets.ts';
import type { Tally } from '../../load/protocol.ts';
import { isReference } from '../../measuring/arms.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';

export interface StormPlan {
  /** Logins under way. */
  readonly inFlight: number;
  readonly calmMs: number;
  readonly stormMs: number;
}

/** One at a time in the calm; a rate that no replica feels. */
const PROBES_PER_SECOND = 100;
/** Hashing them takes a while. */
const USERS = 4;
const WARM_UP_REQUESTS = 5_000;
const WARM_UP_MS = 3_000;

const SUFFIX = ' in the storm';

/** The references; the first two arms where neither is measured. */
export function stormSpecs(arms: readonly ArmInfo[]): FleetSpec[] {
  const guarded = arms.filter(({ baseline }) => !baseline);
  const references = guarded.filter(isReference);
  const chosen = references.length > 0 ? references : guarded.slice(0, 2);
  return chosen.map((arm) => ({
    key: arm.name + SUFFIX,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
    ownUsers: { count: USERS, argon2: ARGON2_REAL },
    users: 1,
  }));
}

export class LoginStorm {
  readonly #context: ExperimentContext;
  readonly #plan: StormPlan;
  readonly #running: RunningFork;
  readonly #fleets: readonly Fleet[];

  constructor(context: ExperimentContext, plan: StormPlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#fleets = running.fleets.filter(({ spec: { key } }) => key.endsWith(SUFFIX));
  }

  /** The clients of its fleets are enrolled already. */
  async measure(): Promise<void> {
    const { fork, generator } = this.#running;
    const { calmMs, stormMs, inFlight } = this.#plan;
    await generator.ask(
      'open',
      this.#fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    await generator.ask('warmUp', { requestsPerTarget: WARM_UP_REQUESTS, timeoutMs: WARM_UP_MS, keys: null });
    await generator.ask('open', []);
    const order = this.#context.random.derive(`storm ${fork}`).shuffle(this.#fleets);
    for (const [place, fleet] of order.entries()) {
      if (this.#context.signal.aborted) return;
      this.#context.progress({ step: `start ${fork + 1}: everybody logs in to ${fleet.spec.arm.name}` });
      await this.#part(fleet, place, 'calm', 0, calmMs);
      await this.#part(fleet, place, 'storm', inFlight, stormMs);
    }
  }

  async #part(fleet: Fleet, order: number, during: string, inFlight: number, durationMs: number): Promise<void> {
    const [probe] = meRequests(fleet);
    if (!probe || this.#context.signal.aborted) return;
    const { key } = fleet.spec;
    const options = { key, inFlight, durationMs, probe, probesPerSecond: PROBES_PER_SECOND };
    const storm = await this.#running.generator.ask('storm', options);
    const flags = saturationFlags(storm.logins, this.#context.cores);
    this.#record(fleet, order, { route: 'me', during }, storm.probes, storm.probeLatency, flags);
    if (inFlight > 0) this.#record(fleet, order, { route: 'login', during }, storm.logins, storm.loginLatency, flags);
  }

  #record(
    fleet: Fleet,
    order: number,
    factors: { readonly route: string; readonly during: string },
    tally: Tally,
    latency: string,
    flags: readonly Flag[],
  ): void {
    const place = { fork: this.#running.fork, block: 0, order };
    const mode = factors.route === 'me' ? 'open' : 'closed';
    this.#context.record({
      ...sliceOf(tally, mode, place, { ...factors, in_flight: this.#plan.inFlight }, { flags }),
      arm: fleet.spec.arm.name,
      histograms: { latency },
    });
  }
}
