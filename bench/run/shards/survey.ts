/** Reads what a journal records about its shard, without the slices. */

import { linesOfFile } from '../../../core/lines.ts';
import { journalLine, onlyHeader } from '../../../core/results/journal.ts';
import type { Shard, ShardBegan } from '../../../core/results/recorded/shards.ts';
import type { Header, JournalLine } from '../../../core/results/schema.ts';

type Kind<K extends JournalLine['kind']> = Extract<JournalLine, { kind: K }>;

export interface Surveyed {
  readonly header: Header;
  /** Null for a run that is not a shard. */
  readonly shard: Shard | null;
  readonly isMerged: boolean;
  /** Null if the load never began. */
  readonly began: ShardBegan | null;
  /** The last record of each experiment. */
  readonly stopped: ReadonlyMap<string, Kind<'experiment-ended'>>;
  /** The end of each part, if the run was resumed. */
  readonly ends: readonly Kind<'run-ended'>[];
  readonly isResumed: boolean;
}

/** How our writer begins a slice. A slice that begins otherwise is parsed and then ignored. */
const SLICE = Buffer.from('{"kind":"slice"');

/**
 * Skips slices, which are nearly all of a journal.
 *
 * @throws JournalError unless there is exactly one header, of this schema version; the system's error if the file
 * cannot be read
 */
export function surveyJournal(path: string): Surveyed {
  const headers: Header[] = [];
  let isMerged = false;
  let isResumed = false;
  let began: ShardBegan | null = null;
  const stopped = new Map<string, Kind<'experiment-ended'>>();
  const ends: Kind<'run-ended'>[] = [];
  for (const raw of linesOfFile(path)) {
    if (raw.subarray(0, SLICE.length).equals(SLICE)) continue;
    const line = journalLine(raw.toString());
    if (line === null) continue;
    if (line.kind === 'run') headers.push(line);
    else if (line.kind === 'shard') isMerged = true;
    else if (line.kind === 'resumed') isResumed = true;
    else if (line.kind === 'shard-began') began ??= line;
    else if (line.kind === 'experiment-ended') stopped.set(line.experiment, line);
    else if (line.kind === 'run-ended') ends.push(line);
  }
  const header = onlyHeader(headers);
  return { header, shard: header.config.shard ?? null, isMerged, began, stopped, ends, isResumed };
}

/** The experiments that were planned for a shard but not completed. */
export function unfinishedOf({ header, stopped }: Pick<Surveyed, 'header' | 'stopped'>): readonly string[] {
  return header.config.experiments.filter((name) => {
    const by = stopped.get(name)?.stoppedBy;
    return by === undefined || by === 'failed' || by === 'interrupted';
  });
}

/** Whether a shard measured everything in its plan. */
export function isComplete(surveyed: Pick<Surveyed, 'header' | 'stopped' | 'ends'>): boolean {
  const end = surveyed.ends.at(-1);
  return end !== undefined && !end.interrupted && unfinishedOf(surveyed).length === 0;
}
