/** Writes the files of a report into the run's folder. It imports no chart code, so it loads quickly. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../core/atomic-file.ts';
import { makeFolders } from '../core/folders.ts';

export interface ReportFile {
  /** Relative to the run's folder, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

export interface Report {
  readonly files: readonly ReportFile[];
  /** Charts of an earlier build without figures in this run, if they exist: readers would mistake them for results. */
  readonly stale: readonly string[];
}

/**
 * Writes all files, each atomically. It is synchronous, so that no signal comes between two of them. @returns their
 * paths @throws TollgateError if one cannot be written
 */
export function writeFiles(runDir: string, { files, stale }: Report): readonly string[] {
  for (const { path, content } of files) {
    makeFolders(dirname(join(runDir, path)));
    writeAtomically(join(runDir, path), content);
  }
  for (const path of stale) rmSync(join(runDir, path), { force: true });
  return files.map(({ path }) => join(runDir, path));
}
