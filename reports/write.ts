/** Writes the files of a report into the run's folder. It imports no chart code, so it loads quickly. */
import { removeWithin, writeWithin } from '../core/within.ts';

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
 * paths @throws TollgateError if one cannot be written, or a folder in its path is a link
 */
export function writeFiles(runDir: string, { files, stale }: Report): readonly string[] {
  const paths = files.map(({ path, content }) => writeWithin(runDir, path, content));
  for (const path of stale) removeWithin(runDir, path);
  return paths;
}
