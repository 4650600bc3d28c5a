/** Writes each cell's merged histograms as `.hgrm` text, which the standard HdrHistogram plotters read. */
import { join } from 'node:path';
import { makeFolders } from '../../core/folders.ts';
import { mergeHistograms } from '../../core/results/histogram.ts';
import type { JournalLine, Slice } from '../../core/results/schema.ts';
import { writeWhole } from '../../core/whole-file.ts';
import { latencyCells } from '../experiments/latency/analyse.ts';
import { LATENCY } from '../experiments/latency/plan.ts';

/** `latency-session-redis-load_pct=50-corrected`: the same for every slice of a cell. */
export function histogramName({ experiment, arm, factors }: Slice, series: string): string {
  const cell = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return [experiment, arm ?? 'all', ...cell, series].join('-').replace(/[^\w=.-]/g, '_');
}

/** Encoded histograms of each cell and series, by file name: of the same slices as the figures of latency. Pure. */
export function collectHistograms(lines: readonly JournalLine[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const slices = lines.filter((line) => line.kind === 'slice');
  const told = new Set<Slice>(latencyCells(slices.filter(({ experiment }) => experiment === LATENCY)).flat());
  for (const line of slices) {
    if (line.experiment === LATENCY && !told.has(line)) continue;
    for (const [series, encoded] of Object.entries(line.histograms ?? {})) {
      const name = histogramName(line, series);
      const list = found.get(name);
      if (list) list.push(encoded);
      else found.set(name, [encoded]);
    }
  }
  return found;
}

/** Writes `histograms/*.hgrm` below `directory`; nothing where the run has none. */
export function writeHistograms(directory: string, lines: readonly JournalLine[]): void {
  const collected = collectHistograms(lines);
  if (collected.size === 0) return;
  const folder = join(directory, 'histograms');
  makeFolders(folder);
  for (const [name, encoded] of collected) writeWhole(join(folder, `${name}.hgrm`), mergeHistograms(encoded).toHgrm());
}
