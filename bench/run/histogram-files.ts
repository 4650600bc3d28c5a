/** Each cell's merged histograms as `.hgrm` text, which the standard HdrHistogram plotters read. */
import { mergeHistograms } from '../../core/results/histogram.ts';
import type { JournalLine, Slice } from '../../core/results/schema.ts';
import { EXPERIMENTS } from '../experiments/registry.ts';

/** Within the run's folder. */
const FOLDER = 'histograms';

export interface HistogramFile {
  readonly path: string;
  readonly content: string;
}

/** `latency-session-redis-load_pct=50-corrected`: the same for every slice of a cell. */
function histogramName({ experiment, arm, factors }: Slice, series: string): string {
  const cell = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return [experiment, arm ?? 'all', ...cell, series].join('-').replace(/[^\w=.-]/g, '_');
}

/** Encoded histograms of each cell and series, by file name, from the slices behind the figures. Pure. */
export function collectHistograms(lines: readonly JournalLine[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const slice of usedSlices(lines.filter((line) => line.kind === 'slice'))) {
    for (const [series, encoded] of Object.entries(slice.histograms ?? {})) {
      const name = histogramName(slice, series);
      const list = found.get(name);
      if (list) list.push(encoded);
      else found.set(name, [encoded]);
    }
  }
  return found;
}

/** Slices in their order, without those that their experiment omits from its figures. */
function usedSlices(slices: readonly Slice[]): readonly Slice[] {
  const leftOut = new Set<Slice>();
  for (const { name, histogramSlices } of EXPERIMENTS) {
    if (histogramSlices === undefined) continue;
    const own = slices.filter(({ experiment }) => experiment === name);
    const used = new Set(histogramSlices(own));
    for (const slice of own) if (!used.has(slice)) leftOut.add(slice);
  }
  return slices.filter((slice) => !leftOut.has(slice));
}

/** `histograms/*.hgrm`; none if the run has none. */
export function histogramFiles(lines: readonly JournalLine[]): HistogramFile[] {
  return [...collectHistograms(lines)].map(([name, encoded]) => ({
    path: `${FOLDER}/${name}.hgrm`,
    content: mergeHistograms(encoded).toHgrm(),
  }));
}
