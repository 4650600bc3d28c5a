/** Comparisons on the terminal, in files, and in the log of a workflow. */
import { compareCases, junitXml } from '../../regression/compare/junit.ts';
import { type CompareReport, compareText, faultsOf, warningsOf } from '../../regression/compare/report.ts';
import { outcomeOf } from '../../regression/confirm/confirmation.ts';
import { redOf } from '../../regression/confirm/red.ts';
import { matrixMarkdown, matrixText, pairName } from '../../regression/packages/matrix.ts';
import { compareMarkdown } from '../../regression/report/markdown.ts';
import type { CompareOptions } from '../options/compare.ts';
import { print, printJson, printNote } from '../output.ts';
import { writeReportFile } from '../report-file.ts';
import { annotate } from '../thresholds.ts';

/** @param reports one, or one for each pair of versions of a dependency */
export async function show(reports: readonly CompareReport[], options: CompareOptions): Promise<void> {
  const { json, markdown, junit, flame } = options;
  const [first] = reports;
  if (first === undefined) return;
  const several = reports.length > 1;
  if (json) printJson(several ? { comparisons: reports.map(asJson) } : asJson(first));
  else print(several ? `${reports.map(compareText).join('\n')}\n${matrixText(reports)}` : compareText(first));
  writeReportFile(
    markdown,
    several
      ? [matrixMarkdown(reports), ...reports.map((report) => compareMarkdown(report, flame))].join('\n')
      : compareMarkdown(first, flame),
  );
  const cases = reports.flatMap((report) =>
    compareCases(report).map((one) => (several ? { ...one, suite: `${pairName(report)}: ${one.suite}` } : one)),
  );
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0);
  writeReportFile(junit, junitXml('tollgate compare', cases, { startedAt: first.startedAt, seconds }));
  await drawFlame(reports, flame);
  annotate('error', reports.flatMap(faultsOf));
  annotate('warning', reports.flatMap(warningsOf));
}

function asJson(report: CompareReport) {
  const { arms, thresholds, confirmation } = report;
  const outcome = confirmation === null ? null : outcomeOf(confirmation);
  return { ...report, red: redOf(arms, thresholds), outcome, faults: faultsOf(report) };
}

/** One root for all arms. Without a confirmed regression there is nothing to draw, and no file is written. */
async function drawFlame(reports: readonly CompareReport[], file: string | null): Promise<void> {
  const explained = reports.flatMap(({ confirmation }) => confirmation?.explanation?.arms ?? []);
  const arms = explained.flatMap(({ flame }) => flame ?? []);
  if (file === null) return;
  if (arms.length === 0) {
    printNote(`${file} was not written: there is no profile of a confirmed regression`);
    return;
  }
  const { flameSvg } = await import('../../reports/flame/flame.ts');
  const [first] = arms;
  const sum = (of: 'baseUs' | 'headUs') => arms.reduce((total, one) => total + one[of], 0);
  const all = { name: 'all arms', file: '', baseUs: sum('baseUs'), headUs: sum('headUs'), children: arms };
  const root = arms.length === 1 && first !== undefined ? first : all;
  writeReportFile(file, await flameSvg(root, `CPU time of ${root.name}, head and base`));
}
