/** Makes a run and its histograms from a journal. */
import type { Journal } from '../../core/results/journal.ts';
import type { Run } from '../../core/results/schema.ts';
import { type HistogramFile, histogramFiles } from './histogram-files.ts';
import { replay } from './replay.ts';

export interface Rebuilt {
  readonly run: Run;
  readonly histograms: readonly HistogramFile[];
}

/** Recomputes all figures from the journal alone. @param onExperiment called before each experiment is analysed */
export function rebuilt(journal: Journal, onExperiment?: (name: string) => void): Rebuilt {
  return { run: replay(journal, onExperiment), histograms: histogramFiles(journal.lines) };
}
