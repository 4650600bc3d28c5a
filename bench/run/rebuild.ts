/** Makes a run and its histograms from a journal. */
import type { Journal } from '../../core/results/journal.ts';
import type { Run } from '../../core/results/schema.ts';
import { type HistogramFile, histogramFiles } from './histogram-files.ts';
import { replay } from './replay.ts';

export interface Rebuilt {
  readonly run: Run;
  readonly histograms: readonly HistogramFile[];
}

/** Recomputes all figures from the journal alone. Pure. */
export function rebuilt(journal: Journal): Rebuilt {
  return { run: replay(journal), histograms: histogramFiles(journal.lines) };
}
