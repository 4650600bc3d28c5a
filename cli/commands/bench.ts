/** `npm run bench`: parses, measures, prints, exits. */
import { readPlacedFleets } from '../../bench/fleet/placed.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { budgetNote, planTime } from '../../bench/run/budget.ts';
import { finishedRun, needsOf, type RecordedRun, recordRun } from '../../bench/run/recorded-run.ts';
import { askClock, CLOCK_URL, refuseWrongClock } from '../../bench/run/shards/clock.ts';
import type { ExitCode } from '../../core/errors.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ClockOffset } from '../../core/results/recorded/shards.ts';
import { brokenOf, type Threshold } from '../../core/thresholds/judge.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Command, Invocation } from '../command.ts';
import { install } from '../install.ts';
import { BENCH_FLAGS, type BenchOptions, benchNotes, readBenchOptions } from '../options/bench.ts';
import { useCores } from '../options/cores.ts';
import { refuseMissingEngine } from '../options/engine.ts';
import { checkNoFleet } from '../options/fleet.ts';
import { canBeOnHosts, refuseOtherHosts } from '../options/hosts.ts';
import { refuseOtherStore, type StoreChoice, storeOf } from '../options/store-server.ts';
import { printError, printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { makeReport } from '../report/make-report.ts';
import { checkWritable } from '../report-file.ts';
import { RESULTS } from '../root.ts';
import { inFolder, journalPath, linkLatest, openFolder, type RunFolder, shownFolder } from '../run-folder.ts';
import { exitCodeOf, printRun } from '../run-output.ts';
import { judgeRun, noteLimits, readConfigOf } from '../thresholds.ts';
import { typedCommand } from '../typed-command.ts';
import { watchRun } from '../watched-run.ts';

export const bench: Command = {
  flags: BENCH_FLAGS,
  examples: [
    { args: '', does: 'the quick profile: two minutes of measuring' },
    { args: '--arms none,session-redis,jwt-hs256 --experiments toll --budget 30s', does: 'one question, three arms' },
    { args: '--profile full --out results/full', does: 'every experiment' },
    { args: '--resume results/full', does: 'continue it after an interruption' },
  ],
  notes: async () => benchNotes(await describeArms()),
  stopsInOrder: true,
  run: async (invocation) => {
    if (invocation.values.fleet !== undefined) return (await import('../fleets/run.ts')).benchInContainers(invocation);
    checkNoFleet(invocation);
    const arms = await describeArms();
    const options = readBenchOptions(invocation, arms);
    const { hosts } = options;
    const measured = hosts === null ? arms : arms.filter((arm) => canBeOnHosts(arm, hosts));
    return benchWith('bench', invocation, measured, options);
  },
};

/** @param script the npm script that the user ran */
export async function benchWith(
  script: string,
  { args, values, faults, refuseFaults, signal }: Invocation,
  arms: readonly ArmInfo[],
  options: BenchOptions,
): Promise<ExitCode> {
  const { thresholds } = readConfigOf(
    { file: options.configFile, strict: options.strict, command: 'bench' },
    arms,
    faults,
  );
  checkWritable('junit', options.junit, faults);
  refuseFaults();
  const store = await storeOf({ values });
  const clock = await clockOf(options.config, process.env);
  const folder = openFolder(options, arms);
  const commandLine = typedCommand(script, args);
  return inFolder(folder, () =>
    measure({ script, folder, options, thresholds, arms, store, clock, commandLine, signal }),
  );
}

interface Measured {
  /** The npm script that the user ran. */
  readonly script: string;
  readonly folder: RunFolder;
  readonly options: BenchOptions;
  readonly thresholds: readonly Threshold[];
  readonly arms: readonly ArmInfo[];
  readonly store: StoreChoice;
  readonly clock: ClockOffset | null;
  readonly commandLine: string;
  readonly signal: AbortSignal;
}

/** Measures the rest of the run, and reports it. */
async function measure(run: Measured): Promise<ExitCode> {
  const { script, folder, options, thresholds, arms, store, clock, commandLine, signal } = run;
  refuseOtherHosts(folder.config, options.hosts);
  refuseMissingEngine(folder.config);
  const finished = finishedRun(folder, arms);
  if (finished !== null) {
    printNote(`Nothing is left to measure: the run in ${shownFolder(folder.directory)} is complete.`);
    return finish({ script, folder, options, thresholds, recorded: finished });
  }
  await refuseOtherStore(store, folder.prior);
  const needs = needsOf(folder.config, arms);
  if (folder.prior.length === 0) {
    const note = budgetNote(planTime(needs.experiments, { arms, config: folder.config }), folder.config.budgetSeconds);
    if (note !== null) printNote(note);
  }
  await install({ ...needs, redis: needs.redis && store.storeServer === null }, signal);
  useCores(options.cores);
  const progress = new ProgressLine();
  const watched = await watchRun(options, folder, arms);
  const recorded = await recordRun({
    ...folder,
    arms,
    ...store,
    journalPath: journalPath(folder.directory),
    commandLine,
    calibrations: RESULTS,
    clock,
    placed: readPlacedFleets(process.env),
    hosts: options.hosts,
    unsafe: options.unsafe,
    coresAreChosen: options.cores !== null,
    signal,
    onProgress: (topic, step, live, secondsLeft) => progress.update(topic, step, live, secondsLeft),
    onNote: (text) => progress.interrupt(() => printNote(text)),
    onFailure: (error) => progress.interrupt(() => printError(error)),
    onLine: watched.add,
  }).finally(async () => {
    const undelivered = await watched.end();
    if (undelivered !== null) progress.interrupt(() => printNote(undelivered));
  });
  progress.clear();
  return finish({ script, folder, options, thresholds, recorded });
}

/** @returns the offset of this clock from the shards' common one; null if none is set, or this is no shard */
async function clockOf({ shard }: RunConfig, env: NodeJS.ProcessEnv): Promise<ClockOffset | null> {
  const url = env[CLOCK_URL];
  if (!url || shard === undefined) return null;
  const clock = await askClock(url);
  refuseWrongClock(clock, shard.startAt);
  return clock;
}

interface Finished {
  /** The npm script that the user ran. */
  readonly script: string;
  readonly folder: RunFolder;
  readonly options: BenchOptions;
  readonly thresholds: readonly Threshold[];
  readonly recorded: RecordedRun;
}

/** Writes the reports, prints the result and judges it. */
async function finish({ script, folder: { directory }, options, thresholds, recorded }: Finished): Promise<ExitCode> {
  const result = await makeReport({ directory, command: 'bench' });
  linkLatest(directory, result);
  const limits = judgeRun(thresholds, result.figures, options.junit);
  // A terminal shows them with the figures.
  if (options.json || !process.stdout.isTTY) noteLimits(limits);
  await printRun(result, directory, { ...recorded, limits }, options.json);
  if (recorded.interrupted) {
    printNote(`Interrupted. Continue with: ${typedCommand(script, ['--resume', shownFolder(directory)])}`);
  }
  return exitCodeOf(recorded, brokenOf(limits).length);
}
