/** Makes `run.json` and its histograms from a journal. */
import type { Journal } from '../../core/results/journal.ts';
import { writeRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { writeHistograms } from './histogram-files.ts';
import { replay } from './replay.ts';

/** Makes all figures again, from the journal alone. */
export function rebuild(directory: string, journal: Journal): Run {
  const run = replay(journal);
  writeRun(directory, run);
  writeHistograms(directory, journal.lines);
  return run;
}
