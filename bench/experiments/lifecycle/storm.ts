/**
 * Everybody logs in at once, with the real password hash: how many succeed, how long it takes, and how it affects
 * `GET /me`.
 */

import type { Flag } from '../../../core/results/flags.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { ARGON2_REAL } from '../../fleet/secrets.ts';
import type { Tally } from '../../load/replies.ts';
import { isReference } from '../../measuring/arms.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';

export interface StormPlan {
  /** Concurrent logins. */
  readonly inFlight: number;
  readonly calmMs: number;
  readonly stormMs: number;
}

/** One at a time without a storm; a negligible rate for a replica. */
const PROBES_PER_SECOND = 100;
/** Few, because hashing their passwords takes a while. */
const USERS = 4;
const WARM_UP_MS = 8_000;

const SUFFIX = ' in the storm';

/** The reference arms, or the first two arms if neither is measured. */
export function stormSpecs(arms: readonly ArmInfo[]): FleetSpec[] {
  const guarded = arms.filter(({ baseline }) => !baseline);
  const references = guarded.filter(isReference);
  const chosen = references.length > 0 ? references : guarded.slice(0, 2);
  return chosen.map((arm) => ({
    key: arm.name + SUFFIX,
    arm,
    replicas: 1,
    settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
    ownUsers: { count: USERS, argon2: ARGON2_REAL },
    users: 1,
  }));
}

interface Part {
  readonly fleet: Fleet;
  readonly order: number;
  readonly during: 'calm' | 'storm';
  /** Concurrent logins. */
  readonly inFlight: number;
  readonly durationMs: number;
}

interface StormSlice extends Pick<Part, 'order' | 'during'>, Pick<Slice, 'mode'> {
  readonly arm: string;
  readonly route: 'me' | 'login';
  readonly tally: Tally;
  /** Encoded histogram. */
  readonly latency: string;
  readonly flags: readonly Flag[];
}

export class LoginStorm {
  readonly #context: ExperimentContext;
  readonly #plan: StormPlan;
  readonly #running: RunningFork;
  readonly #fleets: readonly Fleet[];
  #warmUps = new WarmUps();

  constructor(context: ExperimentContext, plan: StormPlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#fleets = running.fleets.filter(({ spec: { key } }) => key.endsWith(SUFFIX));
  }

  /** The clients of its fleets must be registered. */
  async measure(): Promise<void> {
    const { fork, generator } = this.#running;
    const { calmMs, stormMs, inFlight } = this.#plan;
    await generator.ask(
      'open',
      this.#fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#warmUps = await warmUp(generator, { timeoutMs: WARM_UP_MS, note: this.#context.note });
    await generator.ask('open', []);
    const shuffled = this.#context.random.derive(`storm ${fork}`).shuffle(this.#fleets);
    for (const [order, fleet] of shuffled.entries()) {
      if (this.#context.signal.aborted) return;
      this.#context.progress({ step: `start ${fork + 1}: all users log in to ${fleet.spec.arm.name}` });
      await this.#part({ fleet, order, during: 'calm', inFlight: 0, durationMs: calmMs });
      await this.#part({ fleet, order, during: 'storm', inFlight, durationMs: stormMs });
    }
  }

  async #part({ fleet, order, during, inFlight, durationMs }: Part): Promise<void> {
    const [probe] = meRequests(fleet);
    if (!probe || this.#context.signal.aborted) return;
    const { key } = fleet.spec;
    const options = { key, inFlight, durationMs, probe, probesPerSecond: PROBES_PER_SECOND };
    const storm = await this.#running.generator.ask('storm', options);
    const flags = [...saturationFlags(storm.logins, this.#context.cores), ...this.#warmUps.flags(key)];
    const { probes, probeLatency, logins, loginLatency } = storm;
    const slice = { arm: fleet.spec.arm.name, order, during, flags };
    this.#record({ ...slice, mode: 'open', route: 'me', tally: probes, latency: probeLatency });
    if (inFlight > 0) this.#record({ ...slice, mode: 'closed', route: 'login', tally: logins, latency: loginLatency });
  }

  #record({ arm, order, mode, route, during, tally, latency, flags }: StormSlice): void {
    const position = { fork: this.#running.fork, block: 0, order };
    const factors = { route, during, in_flight: this.#plan.inFlight };
    this.#context.record({
      ...sliceOf(tally, { mode, position, arm, factors, flags }),
      histograms: { latency },
    });
  }
}
