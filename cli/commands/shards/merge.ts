/** `npm run merge`: one run out of the shards of a plan, with figures from all that they measured. */
import { resolve } from 'node:path';
import { ownPeakRssBytes } from '../../../bench/processes/peak-memory.ts';
import { describeArms } from '../../../bench/run/arms.ts';
import { mergedGate } from '../../../bench/run/shards/gate.ts';
import { type JournalOfShard, mergeJournals } from '../../../bench/run/shards/merge.ts';
import { agreementNotes, gapNotes } from '../../../bench/run/shards/notes.ts';
import { judgeShards, type NamedRun, type Refusals } from '../../../bench/run/shards/refusals.ts';
import { surveyJournal } from '../../../bench/run/shards/survey.ts';
import { EXIT, type ExitCode, messageOf, thenEnding, UsageError } from '../../../core/errors.ts';
import { readGate, writeGate } from '../../../core/results/gate-file.ts';
import { brokenOf, type Threshold } from '../../../core/thresholds/judge.ts';
import type { Command, Invocation } from '../../command.ts';
import { BENCH_FLAGS } from '../../options/bench.ts';
import { JSON_OUTPUT, STRICT } from '../../options/shared.ts';
import { printNote } from '../../output.ts';
import { makeReport } from '../../report/make-report.ts';
import { keepHeapSmall } from '../../report/small-heap.ts';
import { checkWritable } from '../../report-file.ts';
import { inFolder, journalFault, journalPath, linkLatest, newFolder, runIdAt, shownFolder } from '../../run-folder.ts';
import { printRun } from '../../run-output.ts';
import { judgeRun, noteLimits, readConfigOf } from '../../thresholds.ts';
import { typedCommand } from '../../typed-command.ts';
import { compareShards } from './compare.ts';

export const merge: Command = {
  flags: {
    out: { value: 'DIR', help: 'Write the merged run here (default: results/<UTC timestamp>-merged).' },
    'allow-missing': {
      help: 'Merge even if shards are missing, unfinished or late: late shards are excluded, intervals are wider, and the run is flagged (default: refuse).',
    },
    config: BENCH_FLAGS.config,
    strict: STRICT,
    junit: BENCH_FLAGS.junit,
    json: JSON_OUTPUT,
  },
  positionals: [{ name: 'DIR …', help: 'The folders of all shards, in any order.', repeats: true }],
  examples: [
    { args: 'results/*-shard-*-of-3', does: 'the shards that bench --shard 1/3 to 3/3 left' },
    { args: 'one two --allow-missing --out results/merged', does: 'two of three shards, into the given folder' },
  ],
  stopsInOrder: true,
  run: (invocation) => mergeFolders('merge', invocation, invocation.positionals),
};

/** @param script the npm script that the user ran @param folders of the shards */
export async function mergeFolders(
  script: string,
  invocation: Invocation,
  folders: readonly string[],
): Promise<ExitCode> {
  const { args, values, switches, faults, refuseFaults } = invocation;
  const arms = await describeArms();
  const junit = values.junit ?? null;
  const config = { file: values.config ?? null, strict: switches.has('strict'), command: 'bench' as const };
  const { thresholds } = readConfigOf(config, arms, faults);
  checkWritable('junit', junit, faults);
  if (folders.length === 0) faults.push('name the folders of the shards: npm run merge -- DIR DIR …');
  const runs = surveyAll([...new Set(folders.map((given) => resolve(given)))], faults);
  refuseFaults();

  const judged = judgeShards(runs);
  refuse(judged, switches.has('allow-missing'));
  const shards = judged.kept.map((shard): JournalOfShard => {
    return { ...shard, journal: journalPath(resolve(shard.folder)) };
  });
  const folder = newFolder(values.out ?? null, `${runIdAt(new Date())}-merged`);
  const commandLine = typedCommand(script, args);
  return inFolder(folder, () => mergeInto(folder.directory, { judged, shards, commandLine, thresholds }, invocation));
}

interface Mergeable {
  readonly judged: ReturnType<typeof judgeShards>;
  readonly shards: readonly JournalOfShard[];
  readonly commandLine: string;
  readonly thresholds: readonly Threshold[];
}

async function mergeInto(
  directory: string,
  { judged, shards, commandLine, thresholds }: Mergeable,
  { values, switches, signal }: Invocation,
): Promise<ExitCode> {
  keepHeapSmall();
  const started = performance.now();
  const json = switches.has('json');
  const comparing = compareShards({
    directory,
    shards: shards.map(({ folder, shard, header: { runId, startedAt } }) => {
      return { index: shard.index, directory: resolve(folder), runId, startedAt };
    }),
  });
  const merging = () =>
    mergeJournals({
      shards,
      journalPath: journalPath(directory),
      commandLine,
      agreement: comparing.result.then(({ compared, differences }) => {
        return { differences, notes: [...gapNotes(judged), ...agreementNotes(shards, compared, differences.length)] };
      }),
      onShard: () => signal.throwIfAborted(),
    });
  try {
    await thenEnding(merging, () => comparing.stop());
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
  const gate = mergedGate(shards.flatMap(({ folder }) => readGate(resolve(folder)) ?? []));
  if (gate !== null) writeGate(directory, gate);
  if (signal.aborted) return EXIT.interrupted;

  const run = await makeReport({ directory, command: 'merge' }, signal);
  if (run.complete) linkLatest(directory);
  const limits = judgeRun(thresholds, run.figures, values.junit ?? null);
  if (json || !process.stdout.isTTY) noteLimits(limits);
  const seconds = (performance.now() - started) / 1000;
  await printRun(run, directory, { seconds, peakRssBytes: ownPeakRssBytes(), limits, did: 'Merged' }, json);
  for (const note of gapNotes(judged)) printNote(note);
  return brokenOf(limits).length === 0 ? EXIT.done : EXIT.failed;
}

/** Reads the shard in each folder; adds a fault for each unreadable one. */
function surveyAll(directories: readonly string[], faults: string[]): NamedRun[] {
  return directories.flatMap((directory): NamedRun[] => {
    const folder = shownFolder(directory);
    const refuse = (why: string) => {
      faults.push(`${folder}: ${why}; name the folder of a shard, or leave it out`);
      return [];
    };
    const fault = journalFault(directory);
    if (fault !== null) return refuse(fault.what);
    try {
      return [{ folder, ...surveyJournal(journalPath(directory)) }];
    } catch (error) {
      return refuse(`its journal cannot be used: ${messageOf(error)}`);
    }
  });
}

/** @throws UsageError with every fault */
function refuse({ faults, gaps, kept }: Refusals, allowsMissing: boolean): void {
  const all = [...faults, ...(allowsMissing && kept.length > 0 ? [] : gaps)];
  if (all.length === 0) return;
  const canAllow = faults.length === 0 && kept.length > 0;
  const hint = canAllow
    ? 'fix that, or use --allow-missing: late shards are excluded, and the run is flagged'
    : 'nothing was merged';
  throw new UsageError(all, hint);
}
