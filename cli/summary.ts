/** The end of a run in a few lines: the headline figures, their intervals, and what stands against them. Pure. */
import { FLAGS } from '../core/results/flags.ts';
import type { Run } from '../core/results/schema.ts';
import { outageTable, revocationTable } from './fault-tables.ts';
import { profileTable } from './profile-table.ts';
import { aaLine, explainedLines, latencyTable, primitivesTable, scaleTable, tollTable } from './tables.ts';

/** @param directory as the user would type it */
export function summary(run: Run, directory: string): string {
  const blocks = [
    tollTable(run),
    aaLine(run),
    scaleTable(run),
    latencyTable(run),
    primitivesTable(run),
    explainedLines(run),
    profileTable(run),
    revocationTable(run),
    outageTable(run),
  ].filter((lines) => lines.length > 0);
  const flags = run.flags.map((flag) => `* ${FLAGS[flag].title}: ${FLAGS[flag].advice}`);
  if (flags.length > 0) blocks.push(flags);
  const failures = run.experiments.flatMap(({ name, error }) => (error === null ? [] : [`${name} failed: ${error}`]));
  if (failures.length > 0) blocks.push(failures);
  blocks.push([`Results: ${directory} (report.html, summary.md, figures.csv, charts/, run.json)`]);
  return `\n${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
