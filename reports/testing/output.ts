/** A terminal of 80 columns without colour, and a parser of its tables. */
import type { Figure } from '../../core/results/schema.ts';
import { THIN } from '../../core/text/format.ts';
import type { Output } from '../exporters/terminal/text.ts';
import { buildView, type ReportView } from '../view/view.ts';
import { sampleRun } from './sample-run.ts';

export const PLAIN: Output = { width: 80, paint: (_style, text) => text };

export const viewOf = (figures: readonly Figure[]): ReportView => buildView({ ...sampleRun(), figures: [...figures] });

/** The cells of each line, separated by two spaces. */
export function cells(lines: readonly string[]): string[][] {
  return lines.filter((line) => line !== '').map((line) => line.replaceAll(THIN, ' ').trim().split(/ {2,}/));
}
