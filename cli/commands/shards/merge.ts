/** `npm run merge`: one run out of the shards of a plan, with figures from all that they measured. */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ownPeakRssBytes } from '../../../bench/processes/peak-memory.ts';
import { describeArms } from '../../../bench/run/arms.ts';
import { mergedGate } from '../../../bench/run/shards/gate.ts';
import type { JournalOfShard } from '../../../bench/run/shards/merge.ts';
import { gapNotes } from '../../../bench/run/shards/notes.ts';
import { judgeShards, type NamedRun, type Refusals } from '../../../bench/run/shards/refusals.ts';
import { surveyJournal } from '../../../bench/run/shards/survey.ts';
import { EXIT, type ExitCode, messageOf, UsageError } from '../../../core/errors.ts';
import { readGate } from '../../../core/results/gate-file.ts';
import type { GateResult } from '../../../core/results/gate-schema.ts';
import { brokenOf, type Threshold } from '../../../core/thresholds/judge.ts';
import type { Command, Invocation } from '../../command.ts';
import { BENCH_FLAGS } from '../../options/bench.ts';
import { JSON_OUTPUT, STRICT } from '../../options/shared.ts';
import { printNote } from '../../output.ts';
import { keepHeapSmall } from '../../report/small-heap.ts';
import { checkWritable } from '../../report-file.ts';
import { inFolder, journalFault, journalPath, linkLatest, newFolder, runIdAt, shownFolder } from '../../run-folder.ts';
import { printRun } from '../../run-output.ts';
import { judgeRun, noteLimits, readConfigOf } from '../../thresholds.ts';
import { typedCommand } from '../../typed-command.ts';
import { mergedRun } from './merged-run.ts';

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
  const given = Map.groupBy(folders, (folder) => resolve(folder));
  const runs = surveyAll([...given.keys()], faults);
  refuseFaults();
  for (const same of given.values()) {
    if (same.length > 1) printNote(`${same[0]} was given ${same.length} times. It is merged once.`);
  }

  const judged = judgeShards(runs);
  refuse(judged, switches.has('allow-missing'));
  const shards = judged.kept.map((shard): JournalOfShard => {
    return { ...shard, journal: journalPath(resolve(shard.folder)) };
  });
  const gate = mergedGate(shards.flatMap(({ journal }) => readGate(dirname(journal)) ?? []));
  const folder = newFolder(values.out ?? null, `${runIdAt(new Date())}-merged`);
  const commandLine = typedCommand(script, args);
  return inFolder(folder, () =>
    mergeInto(folder.directory, { judged, shards, gate, commandLine, thresholds }, invocation),
  );
}

interface Mergeable {
  readonly judged: ReturnType<typeof judgeShards>;
  readonly shards: readonly JournalOfShard[];
  readonly gate: GateResult | null;
  readonly commandLine: string;
  readonly thresholds: readonly Threshold[];
}

async function mergeInto(
  directory: string,
  { judged, shards, gate, commandLine, thresholds }: Mergeable,
  { values, switches, signal }: Invocation,
): Promise<ExitCode> {
  keepHeapSmall();
  const started = performance.now();
  const json = switches.has('json');
  const run = await mergedRun(directory, { shards, commandLine, gapNotes: gapNotes(judged), gate }, signal);
  linkLatest(directory, run);
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
    if (statSync(journalPath(directory)).size === 0) return refuse('its journal is empty');
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
