/** One run: plan → fleets → load → journal. Whatever ends it, the journal holds what was measured and nothing is left. */
import type { ArmInfo } from '../servers/contract.ts';
import { EXIT, messageOf, TollgateError } from './errors.ts';
import type { Experiment, ExperimentContext, Progress, RunningFork } from './experiments/experiment.ts';
import { type Fleet, type FleetSpec, type Ground, startFleet } from './fleet/fleet.ts';
import { Janitor } from './fleet/janitor.ts';
import { useRedis } from './fleet/redis-external.ts';
import { startRedis } from './fleet/redis-own.ts';
import { makeSecrets, makeUsers } from './fleet/secrets.ts';
import { CpuShares } from './fleet/shares.ts';
import { startHiccupMeter } from './hiccup/meter.ts';
import { Generator } from './load/generator-client.ts';
import { divideBudget } from './plan.ts';
import type { JournalWriter } from './results/journal.ts';
import type { JournalLine, RunConfig, Slice, StoppedBy } from './results/schema.ts';
import { createRandom } from './stats/random.ts';

export interface RunOptions {
  readonly config: RunConfig;
  readonly experiments: readonly Experiment[];
  readonly arms: readonly ArmInfo[];
  readonly runId: string;
  /** Where the run leaves what it measured. */
  readonly directory: string;
  readonly redisUrl: string | null;
  readonly cores: number;
  readonly journal: JournalWriter;
  /** What an earlier part of the run left; empty for a new one. */
  readonly prior: readonly JournalLine[];
  readonly janitor: Janitor;
  readonly shares: CpuShares | null;
  readonly signal: AbortSignal;
  readonly onProgress: (experiment: string, progress: Progress, secondsLeft: number) => void;
  readonly onFailure: (experiment: string, error: unknown) => void;
}

export interface RunOutcome {
  readonly interrupted: boolean;
  /** The experiments that failed. */
  readonly failed: readonly { readonly experiment: string; readonly error: unknown }[];
}

/** Most users that any experiment logs in. */
const USERS = 64;

/** Opens what the run stands on. The CPU shares are a one-line reason where there can be none. */
export async function prepareGround(): Promise<{ janitor: Janitor; shares: CpuShares | string }> {
  const janitor = await Janitor.start();
  return { janitor, shares: CpuShares.open(janitor) };
}

/** Which arms an experiment measures, in the registry's order, the baseline first. */
export function armsOf(experiment: Experiment, options: Pick<RunOptions, 'arms' | 'config'>): readonly ArmInfo[] {
  const wanted = options.config.arms ?? experiment.defaultArms(options.arms, options.config.profile);
  const chosen = options.arms.filter(({ name }) => wanted.includes(name));
  return chosen.toSorted((a, b) => Number(b.baseline) - Number(a.baseline));
}

class ForkRunner {
  readonly #options: RunOptions;
  readonly #ground: Omit<Ground, 'onDeath'>;

  constructor(options: RunOptions, ground: Omit<Ground, 'onDeath'>) {
    this.#options = options;
    this.#ground = ground;
  }

  async run(
    experiment: string,
    fork: number,
    specs: readonly FleetSpec[],
    body: (running: RunningFork) => Promise<void>,
  ) {
    const { janitor, journal, signal } = this.#options;
    const started = performance.now();
    const generator = new Generator(janitor);
    const fleets: Fleet[] = [];
    let death: Error | null = null;
    const ground: Ground = {
      ...this.#ground,
      onDeath: (error) => {
        death ??= error;
        generator.fail(error);
      },
    };
    const interrupt = () => generator.fail(new Error('interrupted'));
    signal.addEventListener('abort', interrupt, { once: true });
    const metering = startHiccupMeter();
    try {
      const results = await Promise.allSettled(specs.map((spec) => startFleet(ground, spec)));
      for (const result of results) if (result.status === 'fulfilled') fleets.push(result.value);
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      if (signal.aborted) return;
      journal.append({
        kind: 'fork',
        experiment,
        fork,
        at: new Date().toISOString(),
        startupMs: performance.now() - started,
        processes: 1 + fleets.reduce((sum, fleet) => sum + fleet.replicas.length + (fleet.redis ? 1 : 0), 0),
      });
      const meter = await metering;
      await meter.mark();
      await body({ fork, fleets, generator, meter });
    } catch (error) {
      // The user's wish and a replica's death are the cause; what broke in consequence is not.
      if (signal.aborted) return;
      throw death ?? error;
    } finally {
      signal.removeEventListener('abort', interrupt);
      await Promise.all([generator.stop(), metering.then((meter) => meter.stop()).catch(() => {})]);
      await Promise.all(fleets.map((fleet) => fleet.stop()));
      journal.flush();
    }
  }
}

/** Runs every experiment that the prior part did not finish. One that fails leaves the others' results whole. */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const { config, experiments, journal, prior, signal } = options;
  const random = createRandom(config.seed);
  const ground = {
    janitor: options.janitor,
    secrets: await makeSecrets(),
    users: await makeUsers(USERS, config.argon2),
    shares: options.shares,
    redisUrl: options.redisUrl,
    runId: options.runId,
  };
  const finished = new Set(prior.flatMap((line) => (isFinished(line) ? [line.experiment] : [])));
  const weights = experiments.map(({ seconds }) => seconds[config.profile]);
  const total = config.budgetSeconds ?? weights.reduce((sum, weight) => sum + weight, 0);
  const budgets = divideBudget(total, weights);
  const failed: { experiment: string; error: unknown }[] = [];

  for (const [i, experiment] of experiments.entries()) {
    if (signal.aborted) break;
    if (finished.has(experiment.name)) continue;
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    const budget = budgets[i] ?? 0;
    const later = budgets.slice(i + 1).reduce((sum, other) => sum + other, 0);
    const own = prior.filter((line): line is Slice => line.kind === 'slice' && line.experiment === experiment.name);
    const forks = prior.flatMap((line) =>
      line.kind === 'fork' && line.experiment === experiment.name ? [line.fork] : [],
    );
    const runner = new ForkRunner(options, ground);
    const redises: { stop(): Promise<void> }[] = [];
    let stoppedBy: StoppedBy = 'failed';
    let error: string | null = null;
    let lacking = false;
    const context: ExperimentContext = {
      config,
      directory: options.directory,
      arms: armsOf(experiment, options),
      random: random.fork(experiment.name),
      canLimitCpu: options.shares !== null,
      cores: options.cores,
      prior: own,
      firstFork: Math.max(-1, ...forks) + 1,
      signal,
      secondsLeft: () => budget - seconds(),
      record: (slice) => journal.append({ kind: 'slice', experiment: experiment.name, ...slice }),
      progress: (progress) => options.onProgress(experiment.name, progress, Math.max(0, budget - seconds()) + later),
      note: (text) => journal.append({ kind: 'note', text }),
      withFork: (fork, specs, body) => runner.run(experiment.name, fork, specs, body),
      watch: (child) => options.janitor.watch(child),
      startRedis: async () => {
        const redis =
          options.redisUrl === null
            ? await startRedis(options.janitor)
            : await useRedis(options.redisUrl, `tollgate:${options.runId}:${experiment.name}:`);
        redises.push(redis);
        return redis;
      },
    };
    try {
      stoppedBy = await experiment.run(context);
    } catch (thrown) {
      if (signal.aborted) stoppedBy = 'interrupted';
      else {
        error = thrown instanceof TollgateError ? `${thrown.message} (${thrown.mend})` : messageOf(thrown);
        // Without Redis or the like the next one would fail for the same reason.
        lacking = thrown instanceof TollgateError && thrown.exitCode === EXIT.environment;
        failed.push({ experiment: experiment.name, error: thrown });
        options.onFailure(experiment.name, thrown);
      }
    } finally {
      await Promise.all(redises.map((redis) => redis.stop()));
    }
    journal.append({ kind: 'experiment-ended', experiment: experiment.name, stoppedBy, error, seconds: seconds() });
    if (lacking) break;
  }
  return { interrupted: signal.aborted, failed };
}

function isFinished(line: JournalLine): line is Extract<JournalLine, { kind: 'experiment-ended' }> {
  return line.kind === 'experiment-ended' && line.stoppedBy !== 'interrupted' && line.stoppedBy !== 'failed';
}
