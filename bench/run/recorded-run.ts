/** A run from its first line in the journal to its last: environment, gate, experiments, end. */

import { thenEnding } from '../../core/errors.ts';
import { type ArmSummary, controlOf } from '../../core/results/arms.ts';
import { JournalWriter } from '../../core/results/journal.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ClockOffset } from '../../core/results/recorded/shards.ts';
import { type JournalLine, SCHEMA_VERSION } from '../../core/results/schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { EXPERIMENTS } from '../experiments/registry.ts';
import type { PlacedFleets } from '../fleet/placed.ts';
import { useRedis } from '../fleet/redis/external.ts';
import { installedRedisVersion } from '../fleet/redis/own.ts';
import { makeSecrets } from '../fleet/secrets.ts';
import type { quickGate } from '../gate/quick.ts';
import type { HostsPlan } from '../hosts/config/read.ts';
import { coresOf, hostNotes, layoutOf, stealNote } from '../hosts/describe.ts';
import type { Hosts } from '../hosts/hosts.ts';
import { HostBench } from '../hosts/measuring/bench.ts';
import type { Experiment } from '../measuring/experiment.ts';
import { readThrottling, throttledBetween } from '../processes/groups/group-limits.ts';
import type { Janitor } from '../processes/janitor.ts';
import { ownPeakRssBytes } from '../processes/peak-memory.ts';
import { readUsableCores } from '../processes/usable-cores.ts';
import { summaryOf } from './arms.ts';
import { armsOf, planTime } from './budget.ts';
import { ClockWatch } from './clock-watch.ts';
import { pinToOneCoreKind } from './cpu-environment.ts';
import { readEnvironment } from './environment.ts';
import { passGate } from './gate.ts';
import { ELSEWHERE, openHosts } from './on-hosts.ts';
import {
  type ControlGroups,
  isOptional,
  prepareEnvironment,
  type RunOptions,
  type RunOutcome,
  run,
  unfinished,
} from './run.ts';
import { shardName } from './shards/refusals.ts';
import { awaitStart } from './shards/start.ts';

export interface RecordedRunOptions
  extends Pick<
    RunOptions,
    'config' | 'runId' | 'directory' | 'redisUrl' | 'storeServer' | 'prior' | 'signal' | 'foreign'
  > {
  /** All known arms. */
  readonly arms: readonly ArmInfo[];
  readonly journalPath: string;
  /** The command line as the user typed it. */
  readonly commandLine: string;
  /** The folder with the result of `npm run calibrate`. */
  readonly calibrations: string;
  /** Whether the user chose the cores: the run then uses all of them, of whatever kind. */
  readonly coresAreChosen: boolean;
  /** The clock offset of a shard, if a common clock was requested. */
  readonly clock?: ClockOffset | null;
  /** Fleets that run elsewhere, instead of those that a run starts; null or absent if there are none. */
  readonly placed?: PlacedFleets | null;
  /** Other hosts for its servers and generators; none when left out. */
  readonly hosts?: HostsPlan | null;
  /** Whether to time arms that fail a security check as well. */
  readonly unsafe: boolean;
  /** Replaces the security checks of our own arms. */
  readonly check?: typeof quickGate;
  readonly onProgress: (topic: string, step: string, live: string | undefined, secondsLeft: number) => void;
  readonly onNote: (text: string) => void;
  readonly onFailure: (error: unknown) => void;
  /** Called with each line of the journal once it is written. */
  readonly onLine?: (line: JournalLine) => void;
}

export interface RecordedRun extends RunOutcome {
  /** The arms that failed a security check. */
  readonly failedGate: readonly string[];
  readonly seconds: number;
  /** The peak memory of this process so far, in bytes. */
  readonly peakRssBytes: number;
}

/** The experiments of a run, the arms that they measure, and what these require. */
export function needsOf(config: RunConfig, arms: readonly ArmInfo[]) {
  const experiments = EXPERIMENTS.filter(({ name }) => config.experiments.includes(name));
  const used = arms.filter((arm) =>
    experiments.some((experiment) => armsOf(experiment, { arms, config }).includes(arm)),
  );
  return {
    experiments,
    optional: experiments.filter((experiment) => isOptional(experiment, config)),
    used,
    redis: used.some(({ usesRedis }) => usesRedis) || experiments.some(({ usesRedis }) => usesRedis),
    postgres: used.some(({ companions = [] }) => companions.includes('postgres')),
  };
}

/** Runs the configured experiments. However the run ends, the journal contains what was measured. */
export async function recordRun(options: RecordedRunOptions): Promise<RecordedRun> {
  const started = performance.now();
  const { experiments, used } = needsOf(options.config, options.arms);
  const throttling = readThrottling();
  const clocks = new ClockWatch();
  const kept = options.coresAreChosen ? null : pinToOneCoreKind();
  const { janitor, ...here } = await prepareEnvironment();
  const hosts = await openHosts(options, janitor);
  const groups = hosts === null ? here : ELSEWHERE;
  const journal = JournalWriter.open(options.journalPath, options.onLine);
  return thenEnding(
    async () => {
      await begin(options, journal, used, groups, hosts);
      if (options.redisUrl !== null)
        for (const { leavesOut } of experiments) if (leavesOut !== undefined) options.onNote(leavesOut);
      if (kept !== null) journal.append({ kind: 'note', text: kept });
      if (options.prior.length === 0)
        for (const text of options.placed?.notes ?? []) journal.append({ kind: 'note', text });
      const prepared = { journal, experiments, used, janitor, groups, hosts };
      const { failedGate, ...outcome } = await checkAndRun(options, prepared);
      if (hosts !== null && hosts.lost === null) journal.append({ kind: 'note', text: await stealNote(hosts) });
      const seconds = (performance.now() - started) / 1000;
      const peakRssBytes = ownPeakRssBytes();
      for (const text of clocks.notes()) {
        journal.append({ kind: 'note', text });
        options.onNote(text);
      }
      const throttled = throttledBetween(throttling, readThrottling());
      journal.append({
        kind: 'run-ended',
        at: new Date().toISOString(),
        interrupted: outcome.interrupted,
        seconds,
        peakRssBytes,
        ...(throttled === null ? {} : { throttled }),
      });
      return { ...outcome, failedGate, seconds, peakRssBytes };
    },
    () => journal.close(),
    () => hosts?.end(),
    () => janitor.finish(),
  );
}

/** Records the plan and the environment; a resumed run has already done so. */
async function begin(
  { prior, redisUrl, storeServer, runId, commandLine, config, calibrations, onNote }: RecordedRunOptions,
  journal: JournalWriter,
  used: readonly ArmInfo[],
  { shares, accounts }: ControlGroups,
  hosts: Hosts | null,
): Promise<void> {
  const at = new Date().toISOString();
  if (prior.length === 0) {
    const described = (of: ControlGroups['shares' | 'accounts'], otherwise: string) =>
      typeof of === 'string' ? `${otherwise}: ${of}` : `control groups, version ${of.version}`;
    const lines = { shares: described(shares, 'none'), accounts: described(accounts, 'threads') };
    const environment = await readEnvironment(
      storeServer?.version ?? (await redisVersion(redisUrl)),
      lines,
      calibrations,
    );
    const arms = summarise(used, config);
    journal.append({
      kind: 'run',
      schemaVersion: SCHEMA_VERSION,
      runId,
      startedAt: at,
      commandLine,
      config,
      environment: hosts === null ? environment : { ...environment, ...layoutOf(hosts) },
      arms,
    });
  } else journal.append({ kind: 'resumed', at, commandLine });
  if (hosts !== null) {
    for (const text of hostNotes(hosts)) journal.append({ kind: 'note', text });
    return;
  }
  if (typeof shares === 'string') journal.append({ kind: 'note', text: `Replicas run without CPU shares: ${shares}.` });
  if (typeof accounts === 'string') {
    const text = `CPU time is read from the accounts of threads: ${accounts}.`;
    journal.append({ kind: 'note', text });
  }
  if (redisUrl !== null) {
    const text = 'The Redis at REDIS_URL was used: its figures include the traffic of other clients, if any.';
    journal.append({ kind: 'note', text });
    onNote(text);
  }
}

interface Prepared {
  readonly journal: JournalWriter;
  readonly experiments: readonly Experiment[];
  readonly used: readonly ArmInfo[];
  readonly janitor: Janitor;
  readonly groups: ControlGroups;
  readonly hosts: Hosts | null;
}

async function checkAndRun(
  options: RecordedRunOptions,
  { journal, experiments, used, janitor, groups, hosts }: Prepared,
): Promise<RunOutcome & Pick<RecordedRun, 'failedGate'>> {
  const { config, arms, runId, directory, redisUrl, storeServer = null, prior, unsafe, signal } = options;
  const { onProgress, onNote } = options;
  const left = unfinished(experiments, prior);
  // The measured servers passed their checks then: checks of today would say nothing about them.
  if (left.length === 0) return { interrupted: false, failed: [], failedGate: failedGateOf(prior) };
  const runSeconds = planTime(experiments, options)
    .filter(({ experiment }) => left.includes(experiment))
    .reduce((sum, { expectedSeconds }) => sum + expectedSeconds, 0);
  // The gate and the run share one set of keys, so that the checked keys are those of the timed servers.
  const secrets = await makeSecrets();
  const failedGate = await passGate({
    ...(options.check === undefined ? {} : { check: options.check }),
    environment: { janitor, redisUrl, storeServer, runId, secrets },
    arms: used,
    directory,
    journal,
    unsafe,
    signal,
    onProgress: (arm, secondsLeft) => onProgress('security checks', arm, undefined, secondsLeft + runSeconds),
    onNote,
  });
  await beginShard(options, journal);
  const outcome = await run({
    config,
    experiments,
    ...(options.foreign === undefined ? {} : { foreign: options.foreign }),
    ...(options.placed ? { foreign: options.placed.starts, mostForks: 1 } : {}),
    arms: unsafe ? arms : arms.filter(({ name }) => !failedGate.includes(name)),
    runId,
    secrets,
    directory,
    redisUrl,
    storeServer,
    cores: hosts === null ? readUsableCores().usable : coresOf(hosts),
    ...(hosts === null ? {} : { hosts: new HostBench(hosts) }),
    journal,
    prior,
    janitor,
    shares: typeof groups.shares === 'string' ? null : groups.shares,
    accounts: typeof groups.accounts === 'string' ? null : groups.accounts,
    signal,
    onProgress: (experiment, { step, live }, secondsLeft) => onProgress(experiment, step, live, secondsLeft),
    onFailure: (_experiment, error) => options.onFailure(error),
    onSkipped: (text) => {
      journal.append({ kind: 'note', text });
      onNote(text);
    },
  });
  return { ...outcome, failedGate };
}

/** Waits until all shards begin their load; an earlier part of the same shard has already begun. */
async function beginShard(
  { config: { shard }, clock = null, prior, signal, onProgress }: RecordedRunOptions,
  journal: JournalWriter,
): Promise<void> {
  if (shard === undefined || signal.aborted || prior.some(({ kind }) => kind === 'shard-began')) return;
  const onWait = (seconds: number) => onProgress(shardName(shard), `waits for ${shard.startAt}`, undefined, seconds);
  const began = await awaitStart(shard.startAt, { signal, onWait });
  if (!signal.aborted) journal.append(clock === null ? began : { ...began, clock });
}

/** The arms that failed the last gate of an earlier part of the run. */
function failedGateOf(prior: readonly JournalLine[]): readonly string[] {
  return prior.findLast((line) => line.kind === 'gate')?.failed ?? [];
}

/**
 * The outcome of an earlier part of a run that left nothing to do.
 *
 * @returns null if something is left, and for a new run
 */
export function finishedRun(
  { config, prior }: Pick<RecordedRunOptions, 'config' | 'prior'>,
  arms: readonly ArmInfo[],
): RecordedRun | null {
  const end = prior.findLast((line) => line.kind === 'run-ended');
  const { experiments } = needsOf(config, arms);
  if (end === undefined || end.interrupted || unfinished(experiments, prior).length > 0) return null;
  const { seconds, peakRssBytes } = end;
  return { interrupted: false, failed: [], failedGate: failedGateOf(prior), seconds, peakRssBytes };
}

function summarise(arms: readonly ArmInfo[], config: RunConfig): ArmSummary[] {
  const summaries = arms.map(summaryOf);
  const baseline = summaries.find(({ role }) => role === 'baseline');
  const isSlowed = config.plantedIterations !== undefined;
  return config.aa && baseline !== undefined ? [...summaries, controlOf(baseline, isSlowed)] : summaries;
}

/** The version of the Redis that a run will use: at REDIS_URL, or the installed server. Null if there is none. */
async function redisVersion(url: string | null): Promise<string | null> {
  if (url === null) return installedRedisVersion();
  const redis = await useRedis(url, 'tollgate:version:');
  await redis.stop();
  return redis.version;
}
