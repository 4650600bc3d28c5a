/** Several comparisons in one call: one that fails leaves the others their results. */
import { EXIT, type ExitCode, TollgateError } from '../../core/errors.ts';
import { type CompareReport, faultsOf } from '../../regression/compare/report.ts';

/**
 * @param measure makes the report of a pair @param failed makes one for a pair that could not be compared
 * @returns the reports so far if it is interrupted @throws the error of a single pair, which leaves nothing to report
 */
export async function measurePairs<Pair>(
  pairs: readonly Pair[],
  measure: (pair: Pair) => Promise<CompareReport>,
  failed: (pair: Pair, failure: string) => CompareReport,
  signal: AbortSignal,
): Promise<{ readonly reports: readonly CompareReport[]; readonly exitCode: ExitCode }> {
  const reports: CompareReport[] = [];
  const codes: ExitCode[] = [EXIT.done];
  for (const pair of pairs) {
    if (signal.aborted) break;
    try {
      const report = await measure(pair);
      reports.push(report);
      if (faultsOf(report).length > 0) codes.push(EXIT.failed);
    } catch (error) {
      if (pairs.length === 1 || signal.aborted || !(error instanceof TollgateError)) throw error;
      reports.push(failed(pair, `it could not be compared: ${error.message} (${error.hint})`));
      codes.push(error.exitCode);
    }
  }
  const worst = codes.toSorted((a, b) => b - a)[0] ?? EXIT.done;
  return { reports, exitCode: signal.aborted ? EXIT.interrupted : worst };
}
