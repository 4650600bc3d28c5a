/** Several pairs of versions at once: each arm by each pair. Pure. */
import { formatRatio } from '../../core/text/format.ts';
import { escapeMarkdown } from '../../core/text/markdown.ts';
import { type CompareReport, costWords, faultsOf, isSlower, redWords } from '../compare/report.ts';
import { COMMENT_MARK } from '../report/markdown.ts';

/** The versions that a pair compares, from the labels of its builds: `fast-jwt 6.3.5 → 6.3.6`. */
export function pairName({ base, head }: Pick<CompareReport, 'base' | 'head'>): string {
  const within = ({ label }: { readonly label: string }) => /\(([^)]*)\)/.exec(label)?.[1] ?? label;
  const [name = '', from = ''] = within(base).split(' ');
  return `${name} ${from} → ${within(head).split(' ')[1] ?? ''}`;
}

interface Row {
  readonly arm: string;
  /** Cells in the order of the reports; empty if the arm was not measured. */
  readonly cells: readonly string[];
}

function rowsOf(reports: readonly CompareReport[]): Row[] {
  const arms = [...new Set(reports.flatMap((report) => report.arms.map(({ arm }) => arm)))];
  return arms.map((arm) => ({
    arm,
    cells: reports.map((report) => {
      const own = report.arms.find((one) => one.arm === arm);
      const costs = (own?.costs ?? []).map((cost) => {
        const { ratio } = cost.judged;
        return `${Number.isFinite(ratio.high) ? formatRatio(ratio) : 'no interval'} ${costWords(cost)}`;
      });
      const moved = (own?.guards ?? []).filter(({ verdict }) => verdict === 'more' || verdict === 'fewer');
      const counted = (own?.guards ?? []).length > 0;
      const words = [...costs, ...moved.map(({ metric, verdict }) => `${verdict} ${metric}`)];
      return words.length === 0 && counted ? 'no count changed' : words.join('; ');
    }),
  }));
}

export function matrixText(reports: readonly CompareReport[]): string {
  const lines = rowsOf(reports).flatMap(({ arm, cells }) => [
    arm,
    ...reports.map((report, i) => `  ${pairName(report)}: ${cells[i] || 'not measured'}`),
  ]);
  return `${[...lines, ...failures(reports)].join('\n')}\n`;
}

function failures(reports: readonly CompareReport[]): string[] {
  return reports.flatMap((report) => (report.failure === null ? [] : [`${pairName(report)}: ${report.failure}`]));
}

export function matrixMarkdown(reports: readonly CompareReport[]): string {
  const red = reports.filter((report) => faultsOf(report).length > 0);
  const worst = red.find(isSlower) ?? red[0];
  const words = worst === undefined ? 'nothing got significantly worse' : redWords(worst);
  return [
    COMMENT_MARK,
    `## Tollgate: ${reports.length} pairs of versions, ${words}`,
    '',
    `| arm | ${reports.map((report) => escapeMarkdown(pairName(report))).join(' | ')} |`,
    `|---|${reports.map(() => '---|').join('')}`,
    ...rowsOf(reports).map(({ arm, cells }) => `| ${escapeMarkdown(arm)} | ${cells.map(escapeMarkdown).join(' | ')} |`),
    '',
  ].join('\n');
}
