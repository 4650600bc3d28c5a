/** Writes the generated parts of the pages again. */
import { join } from 'node:path';
import { describeArms } from '../../bench/run/arms.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import type { CommandEntry } from '../command.ts';
import { ROOT } from '../root.ts';
import { flagTables } from './flag-tables.ts';
import { renderPages } from './pages.ts';

/** @returns the pages that changed */
export async function writePages(commands: readonly CommandEntry[]): Promise<string[]> {
  const sources = { arms: await describeArms(), commandFlags: await flagTables(commands) };
  const changed = renderPages(sources).filter(({ before, after }) => after !== before);
  for (const { path, after } of changed) writeAtomically(join(ROOT, path), after);
  return changed.map(({ path }) => path);
}
