/** The output at the end of a run. */
import type { RecordedRun } from '../bench/run/recorded-run.ts';
import { EXIT, type ExitCode, TollgateError } from '../core/errors.ts';
import { readGate } from '../core/results/gate-file.ts';
import type { Run } from '../core/results/schema.ts';
import type { ThresholdResult } from '../core/thresholds/judge.ts';
import { hasColour, print, printJson, printNote } from './output.ts';
import { shownFolder } from './run-folder.ts';

interface PrintedBeside extends Pick<RecordedRun, 'seconds' | 'peakRssBytes'> {
  readonly limits: readonly ThresholdResult[];
  /** The verb for these seconds; default: measured. */
  readonly did?: 'Merged';
}

/** Rendered by the code of the reports, which is loaded only after the last measurement. */
export async function printRun(
  run: Run,
  directory: string,
  { seconds, peakRssBytes, limits, did }: PrintedBeside,
  json: boolean,
): Promise<void> {
  const shown = shownFolder(directory);
  if (json) {
    printJson({ directory: shown, ...run });
    return;
  }
  const { renderTerminal } = await import('../reports/exporters/terminal.ts');
  const { buildView } = await import('../reports/view/view.ts');
  const { stdout } = process;
  const view = buildView(run, readGate(directory));
  const peakMB = Math.round(peakRssBytes / 2 ** 20);
  // Before the figures, so that the answer comes last.
  printNote(
    `${did ?? 'Measured'} in ${Math.round(seconds)} s; the ${did === undefined ? 'bench' : 'merging'} process used at most ${peakMB} MB of memory.`,
  );
  print(renderTerminal(view, { colour: hasColour(stdout), width: stdout.columns ?? 80, directory: shown, limits }));
}

/** @param broken the number of limits that the figures break */
export function exitCodeOf(
  { interrupted, failed, failedGate }: Pick<RecordedRun, 'interrupted' | 'failed' | 'failedGate'>,
  broken: number,
): ExitCode {
  if (interrupted) return EXIT.interrupted;
  const [first] = failed;
  if (first) return first.error instanceof TollgateError ? first.error.exitCode : EXIT.failed;
  return failedGate.length + broken === 0 ? EXIT.done : EXIT.failed;
}
