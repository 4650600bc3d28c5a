/** Builds the report of a run. Its charts need much memory: they are loaded when nothing is timed any more. */
import { readGate } from '../core/results/gate-file.ts';
import type { Run } from '../core/results/schema.ts';

/**
 * @returns the files, the page first
 * @throws TollgateError if a file cannot be written; the signal's reason if it was aborted
 */
export async function buildReport(directory: string, run: Run, signal?: AbortSignal): Promise<readonly string[]> {
  const { writeReport } = await import('../reports/build.ts');
  return writeReport(directory, run, readGate(directory), signal);
}
