/**
 * Writes the journals of shards into one, and collects the merged run from the same lines. Each line is parsed once, in
 * this thread. Files are read and written line by line: those of a hundred shards are larger than memory.
 */
import { renameSync, rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type Journal, JournalBuilder, JournalWriter, streamJournalFile } from '../../../core/results/journal.ts';
import type { ShardsDiffer } from '../../../core/results/recorded/shards.ts';
import type { ExperimentEnded, JournalLine, StoppedBy } from '../../../core/results/schema.ts';
import { MOST } from '../resumable.ts';
import { describeShard, mergedHeader } from './header.ts';
import { listed, type NamedShard } from './refusals.ts';

/** A shard and the path of its journal. */
export interface JournalOfShard extends NamedShard {
  readonly journal: string;
}

export interface MergeOptions {
  /** Shards in their order; at least one. */
  readonly shards: readonly JournalOfShard[];
  /** The journal of the merged run; its folder exists. */
  readonly journalPath: string;
  readonly commandLine: string;
  /** Awaited once all slices are copied, so that shards may be compared meanwhile. */
  readonly agreement: Promise<Agreement>;
  /** Called before each shard is copied, with the number of those before it. What it throws ends the merge. */
  readonly onShard?: (copied: number) => void;
}

/** How far shards agree. */
export interface Agreement {
  /** Figures in which shards differ significantly. */
  readonly differences: readonly ShardsDiffer[];
  /** Remarks on the merge for the reader. */
  readonly notes: readonly string[];
}

/**
 * The merged journal is written completely or not at all.
 *
 * @returns it, as a reader of the file finds it: reading it anew would take as long as merging
 * @throws JournalError, TollgateError or the system's error if a journal cannot be read or written
 */
export async function mergeJournals(options: MergeOptions): Promise<Journal> {
  const { shards, journalPath, commandLine, agreement, onShard } = options;
  // What fails there is told by waiting for it, below, unless copying fails first.
  agreement.catch(() => {});
  const draft = `${journalPath}.tmp`;
  const merged = new JournalBuilder();
  rmSync(draft, { force: true });
  try {
    const writer = JournalWriter.open(draft);
    try {
      const append = (line: JournalLine) => {
        writer.append(line);
        merged.add(line);
      };
      const copy = (line: JournalLine) => {
        writer.copy(line);
        merged.add(line);
      };
      append(mergedHeader(shards, commandLine));
      const told = new Map<string, number[]>();
      const damagedIn = new Map<number, number>();
      for (const [copied, shard] of shards.entries()) {
        // Messages and signals have their turn.
        await setImmediate();
        onShard?.(copied);
        const damaged = copyShard(shard, copy, told);
        if (damaged > 0) damagedIn.set(shard.shard.index, damaged);
        append(describeShard(shard, damaged));
      }
      for (const line of endsOfExperiments(shards)) append(line);
      for (const [text, indices] of told) append({ kind: 'note', text: noteOf(text, indices, shards.length) });
      const { differences, notes } = await agreement;
      for (const text of [...damageNotes(damagedIn), ...notes]) append({ kind: 'note', text });
      for (const line of differences) append(line);
      append(endOf(shards));
    } finally {
      writer.close();
    }
    renameSync(draft, journalPath);
    return merged.finish();
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The number of a shard's fresh start in the merged run, unique across shards. */
export function mergedFork(fork: number, { index, count }: NamedShard['shard']): number {
  return fork * count + index - 1;
}

/**
 * Copies the slices, and collects notes with the shards that have each.
 *
 * @returns the number of unreadable lines
 */
function copyShard(
  { journal, shard }: JournalOfShard,
  copy: (line: JournalLine) => void,
  told: Map<string, number[]>,
): number {
  let damaged = 0;
  for (const read of streamJournalFile(journal)) {
    if (!read.ok) {
      damaged++;
      continue;
    }
    const { line } = read;
    if (line.kind === 'note') told.set(line.text, [...new Set([...(told.get(line.text) ?? []), shard.index])]);
    else if (line.kind === 'gate') copy(line);
    else if (line.kind === 'slice' || line.kind === 'fork' || line.kind === 'fork-ended') {
      if (line.fork > MOST.forks) damaged++;
      else copy({ ...line, fork: mergedFork(line.fork, shard) });
    }
  }
  return damaged;
}

function noteOf(text: string, indices: readonly number[], count: number): string {
  return indices.length === count ? text : `${indices.length === 1 ? 'Shard' : 'Shards'} ${listed(indices)}: ${text}`;
}

/** @param damagedIn the number of damaged lines, by shard */
function damageNotes(damagedIn: ReadonlyMap<number, number>): string[] {
  const lines = [...damagedIn.values()].reduce((sum, own) => sum + own, 0);
  if (lines === 0) return [];
  const what = lines === 1 ? '1 damaged line was left out' : `${lines} damaged lines were left out`;
  return [`${what}, of ${damagedIn.size === 1 ? 'shard' : 'shards'} ${listed([...damagedIn.keys()])}.`];
}

/** Endings from the worst to the best: an experiment of a merged run has the worst ending of any shard. */
const WORST_FIRST: readonly StoppedBy[] = ['failed', 'interrupted', 'skipped', 'budget', 'plan', 'interval'];

function* endsOfExperiments(shards: readonly NamedShard[]): Generator<ExperimentEnded> {
  for (const experiment of shards[0]?.header.config.experiments ?? []) {
    const ends = shards.flatMap(({ stopped }) => stopped.get(experiment) ?? []);
    const stoppedBy = WORST_FIRST.find((by) => ends.some((end) => end.stoppedBy === by));
    if (stoppedBy === undefined) continue;
    const errors = shards.flatMap(({ shard, stopped }) => {
      const error = stopped.get(experiment)?.error ?? null;
      return error === null ? [] : [`shard ${shard.index}: ${error}`];
    });
    yield {
      kind: 'experiment-ended',
      experiment,
      // If a shard does not record its end, it was interrupted there.
      stoppedBy: stoppedBy === 'failed' || ends.length === shards.length ? stoppedBy : 'interrupted',
      error: errors.length === 0 ? null : errors.join('; '),
      seconds: ends.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  }
}

function endOf(shards: readonly NamedShard[]): Extract<JournalLine, { kind: 'run-ended' }> {
  const ends = shards.flatMap((shard) => shard.ends);
  const throttled = ends.flatMap((end) => end.throttled ?? []);
  const sum = (of: (part: (typeof throttled)[number]) => number) =>
    throttled.reduce((total, part) => total + of(part), 0);
  const lastOf = ({ header, ends: own }: NamedShard) => own.at(-1)?.at ?? header.startedAt;
  return {
    kind: 'run-ended',
    at: shards.map(lastOf).toSorted().at(-1) ?? '',
    interrupted: shards.some(({ ends: own }) => own.at(-1)?.interrupted !== false),
    seconds: Math.max(0, ...shards.map(({ ends: own }) => own.reduce((total, { seconds }) => total + seconds, 0))),
    peakRssBytes: Math.max(0, ...ends.map(({ peakRssBytes }) => peakRssBytes)),
    ...(throttled.length === 0
      ? {}
      : {
          throttled: {
            periods: sum(({ periods }) => periods),
            throttledPeriods: sum(({ throttledPeriods }) => throttledPeriods),
            seconds: sum(({ seconds }) => seconds),
          },
        }),
  };
}
