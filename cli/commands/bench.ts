/** `npm run bench`: parses, measures, prints, exits. */
import { describeArms } from '../../bench/run/arms.ts';
import { rebuild } from '../../bench/run/rebuild.ts';
import { needsOf, type RecordedRun, recordRun } from '../../bench/run/recorded-run.ts';
import { EXIT, type ExitCode, TollgateError } from '../../core/errors.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { buildReport } from '../build-report.ts';
import type { Command, Invocation } from '../command.ts';
import { install } from '../install.ts';
import { BENCH_FLAGS, type BenchOptions, benchNotes, readBenchOptions } from '../options/bench.ts';
import { printError, printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { redisUrlOf } from '../redis-url.ts';
import { checkWritable } from '../report-file.ts';
import { journalPath, linkLatest, openFolder, RESULTS, shownFolder } from '../run-folder.ts';
import { printRun } from '../run-output.ts';
import { judgeRun, readConfigOf } from '../thresholds.ts';
import { typedCommand } from '../typed-command.ts';

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
    const arms = await describeArms();
    return benchWith('bench', invocation, arms, readBenchOptions(invocation, arms));
  },
};

/** @param script what the user typed after `npm run` */
export async function benchWith(
  script: string,
  { args, faults, refuseFaults, signal }: Invocation,
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
  const redisUrl = await redisUrlOf(process.env);
  const folder = openFolder(options);
  await install(needsOf(folder.config, arms), signal);
  const progress = new ProgressLine();
  const recorded = await recordRun({
    ...folder,
    arms,
    redisUrl,
    journalPath: journalPath(folder.directory),
    commandLine: typedCommand(script, args),
    calibrations: RESULTS,
    unsafe: options.unsafe,
    signal,
    onProgress: (topic, step, live, secondsLeft) => progress.update(topic, step, live, secondsLeft),
    onNote: (text) => progress.interrupt(() => printNote(text)),
    onFailure: (error) => progress.interrupt(() => printError(error)),
  });
  progress.clear();
  const result = rebuild(folder.directory, journalPath(folder.directory));
  await buildReport(folder.directory, result);
  if (result.complete) linkLatest(folder.directory);
  await printRun(result, folder.directory, recorded, options.json);
  const broken = judgeRun(thresholds, result.figures, options.junit);
  if (recorded.interrupted) {
    printNote(`Interrupted. Continue with: npm run bench -- --resume ${shownFolder(folder.directory)}`);
  }
  return exitCodeOf(recorded, broken);
}

function exitCodeOf({ interrupted, failed, failedGate }: RecordedRun, broken: number): ExitCode {
  if (interrupted) return EXIT.interrupted;
  const [first] = failed;
  if (first) return first.error instanceof TollgateError ? first.error.exitCode : EXIT.failed;
  return failedGate.length + broken === 0 ? EXIT.done : EXIT.failed;
}
