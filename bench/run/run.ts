/**
 * One run: plan → fleets → load → journal. However it ends, the journal contains what was measured, and no process is
 * left.
 */

import { EXIT, messageOf, TollgateError, thenEnding } from '../../core/errors.ts';
import type { JournalWriter } from '../../core/results/journal.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { JournalLine, StoppedBy } from '../../core/results/schema.ts';
import { createRandom, type Random } from '../../core/stats/random.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { Secrets } from '../../servers/configuration.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Companion } from '../fleet/companions/companion.ts';
import { COMPANIONS } from '../fleet/companions/registry.ts';
import type { ForeignStart } from '../fleet/fleet.ts';
import { provideRedis } from '../fleet/redis/provide.ts';
import type { StoreServer } from '../fleet/redis/store-server.ts';
import { makeSecrets, makeUsers } from '../fleet/secrets.ts';
import { CpuShares } from '../fleet/shares.ts';
import { balancerOf } from '../hosts/describe.ts';
import type { HostBench } from '../hosts/measuring/bench.ts';
import type { Experiment, ExperimentContext, Progress } from '../measuring/experiment.ts';
import { CpuAccounts } from '../processes/accounts.ts';
import { Janitor } from '../processes/janitor.ts';
import { Semaphore } from '../processes/semaphore.ts';
import { armsOf, type PlannedExperiment, planTime } from './budget.ts';
import { ForkRunner } from './fork-runner.ts';
import { Recording } from './recording.ts';

export interface RunOptions {
  readonly config: RunConfig;
  readonly experiments: readonly Experiment[];
  readonly arms: readonly ArmInfo[];
  readonly runId: string;
  /** Keys that were already made and checked; made here if left out. */
  readonly secrets?: Secrets;
  /** The directory for the results of the run. */
  readonly directory: string;
  readonly redisUrl: string | null;
  /** The program for the run's own Redis; null or absent to search for one. */
  readonly storeServer?: StoreServer | null;
  readonly cores: number;
  readonly journal: JournalWriter;
  /** The journal lines of an earlier part of the run; empty for a new one. */
  readonly prior: readonly JournalLine[];
  readonly janitor: Janitor;
  readonly shares: CpuShares | null;
  readonly accounts?: CpuAccounts | null;
  /** Fleets of arms that are not built in, by name; none if left out. */
  readonly foreign?: ReadonlyMap<string, ForeignStart>;
  /** The maximum of forks of each experiment, if servers cannot be restarted; by default as many as it plans. */
  readonly mostForks?: number;
  /** Other hosts that run servers and generators. */
  readonly hosts?: HostBench | null;
  readonly signal: AbortSignal;
  /** Seconds left are negative once the last experiment takes longer than was expected. */
  readonly onProgress: (experiment: string, progress: Progress, secondsLeft: number) => void;
  readonly onFailure: (experiment: string, error: unknown) => void;
  /** Called with a sentence for each experiment, or part of one, that is left out. */
  readonly onSkipped: (text: string) => void;
}

export interface RunOutcome {
  readonly interrupted: boolean;
  /** The experiments that failed. */
  readonly failed: readonly { readonly experiment: string; readonly error: unknown }[];
}

/** The most users that any experiment logs in. */
const USERS = 64;

/** CPU shares and accounts by control group, or a one-line reason why they are unavailable. */
export interface ControlGroups {
  readonly shares: CpuShares | string;
  readonly accounts: CpuAccounts | string;
}

/** Opens the resources that a run needs. */
export async function prepareEnvironment(): Promise<{ readonly janitor: Janitor } & ControlGroups> {
  const janitor = await Janitor.start();
  return { janitor, shares: CpuShares.open(janitor), accounts: CpuAccounts.open(janitor) };
}

/** The experiments that an earlier part of the run did not finish. */
export function unfinished(experiments: readonly Experiment[], prior: readonly JournalLine[]): readonly Experiment[] {
  const finished = new Set(prior.flatMap((line) => (isFinished(line) ? [line.experiment] : [])));
  return experiments.filter(({ name }) => !finished.has(name));
}

/** Runs every experiment that the prior part did not finish. If one fails, the results of the others are unaffected. */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const { config, experiments, prior, signal } = options;
  const environment = {
    janitor: options.janitor,
    secrets: options.secrets ?? (await makeSecrets()),
    users: await makeUsers(USERS, config.argon2),
    shares: options.shares,
    accounts: options.accounts ?? null,
    ...(options.foreign === undefined ? {} : { foreign: options.foreign }),
    redisUrl: options.redisUrl,
    storeServer: options.storeServer ?? null,
    cluster: config.redis === 'cluster',
    runId: options.runId,
    ...(options.hosts ? { places: options.hosts.places } : {}),
    // Twice the number of cores keeps all cores busy while some starts wait for the disk.
    starts: new Semaphore(Math.max(1, Math.round(2 * options.cores))),
  };
  const left = unfinished(experiments, prior);
  const planned = planTime(experiments, options).filter(({ experiment }) => left.includes(experiment));
  const runner = new ForkRunner(options, environment);
  const failed: { experiment: string; error: unknown }[] = [];
  const runEach = async () => {
    for (const [i, { experiment, budgetSeconds, expectedSeconds }] of planned.entries()) {
      if (signal.aborted) break;
      const laterSeconds = planned.slice(i + 1).reduce((sum, later) => sum + later.expectedSeconds, 0);
      const error = await runExperiment(options, runner, { experiment, budgetSeconds, expectedSeconds, laterSeconds });
      if (error === null) continue;
      failed.push({ experiment: experiment.name, error });
      options.onFailure(experiment.name, error);
      // The next experiment would fail for the same reason, such as a missing Redis.
      if ((lacksProgram(error) && experiment.failsAlone !== true) || options.hosts?.hosts.lost) break;
    }
  };
  await thenEnding(runEach, () => runner.close());
  return { interrupted: signal.aborted, failed };
}

interface Budgeted extends PlannedExperiment {
  /** The estimated time of the experiments after it. */
  readonly laterSeconds: number;
}

/** Each shard has its own order, so that an effect of the order on a figure is not the same in all of them. */
function randomOf({ seed, shard }: RunConfig): Random {
  const random = createRandom(seed);
  return shard === undefined ? random : random.derive(`shard ${shard.index} of ${shard.count}`);
}

/** @returns the error with which it failed, or null */
async function runExperiment(options: RunOptions, runner: ForkRunner, budgeted: Budgeted): Promise<unknown> {
  const { config, journal, signal } = options;
  const { experiment, budgetSeconds, expectedSeconds, laterSeconds } = budgeted;
  const { name } = experiment;
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const recording = new Recording(name, options.prior, (line) => journal.append(line));
  const beside: Pick<Companion, 'stop'>[] = [];
  const balancer = options.hosts ? balancerOf(options.hosts.hosts) : null;
  const context: ExperimentContext = {
    config,
    directory: options.directory,
    arms: armsOf(experiment, options),
    armsOf: (other) => options.experiments.filter((one) => one.name === other).flatMap((one) => armsOf(one, options)),
    random: randomOf(config).derive(name),
    canLimitCpu: options.shares !== null,
    ownsRedis: options.redisUrl === null,
    cores: options.cores,
    ...(options.hosts ? { replicaHosts: options.hosts.hosts.with('replicas').length } : {}),
    ...(balancer === null ? {} : { balancer }),
    prior: recording.prior,
    brokenOffFork: recording.brokenOffFork,
    recorded: () => recording.recorded,
    nextFork: () => recording.nextFork,
    ...(options.mostForks === undefined ? {} : { mostForks: options.mostForks }),
    signal,
    secondsLeft: () => budgetSeconds - seconds(),
    record: (slice) => recording.record(slice),
    progress: (progress) => {
      const left = expectedSeconds - seconds();
      options.onProgress(name, progress, laterSeconds > 0 ? Math.max(0, left) + laterSeconds : left);
    },
    note: (text) => journal.append({ kind: 'note', text }),
    say: options.onSkipped,
    withFork: (fork, specs, body) => {
      recording.begin(fork);
      return runner.run(name, fork, specs, body);
    },
    watch: (child) => options.janitor.watch(child),
    watchDirectory: (path) => options.janitor.watchDirectory(path),
    startRedis: async () => {
      const redis = await provideRedis(options, name);
      beside.push(redis);
      return redis;
    },
    startCompanion: async (kind) => {
      const secrets = options.secrets ?? (await makeSecrets());
      // A caller that uses it then fails with that reason.
      const companion = await COMPANIONS[kind]({ janitor: options.janitor, secrets, onDeath: () => {} });
      beside.push(companion);
      return companion.address;
    },
  };
  let stoppedBy: StoppedBy = 'failed';
  let failure: unknown = null;
  try {
    stoppedBy = await thenEnding(
      () => experiment.run(context),
      () => stopInOrder([beside]),
    );
  } catch (thrown) {
    if (signal.aborted) stoppedBy = 'interrupted';
    else failure = thrown;
  }
  if (failure !== null && isOptional(experiment, config) && lacksProgram(failure)) {
    options.onSkipped(`${name} is excluded: ${withHint(failure)}`);
    failure = null;
    stoppedBy = 'skipped';
  }
  const error = failure === null ? null : withHint(failure);
  journal.append({ kind: 'experiment-ended', experiment: name, stoppedBy, error, seconds: seconds() });
  return failure;
}

/**
 * Whether an experiment may be left out: it requires a program of its own, and was requested neither by name nor by
 * profile.
 */
export function isOptional({ failsAlone }: Experiment, { byDefault, profile }: RunConfig): boolean {
  return failsAlone === true && byDefault === true && profile === 'quick';
}

function lacksProgram(error: unknown): boolean {
  return error instanceof TollgateError && error.exitCode === EXIT.environment;
}

function withHint(thrown: unknown): string {
  return thrown instanceof TollgateError ? `${thrown.message} (${thrown.hint})` : messageOf(thrown);
}

function isFinished(line: JournalLine): line is Extract<JournalLine, { kind: 'experiment-ended' }> {
  return line.kind === 'experiment-ended' && line.stoppedBy !== 'interrupted' && line.stoppedBy !== 'failed';
}
