/** How long revoked credentials stayed valid, and what clients saw during faults. Intervals are in the report. */
import { FAULTS, ofVariant, outageFigures, variants } from '../../charts/outage/figures.ts';
import { lagFigures, slowest, withFactors } from '../../charts/revocation/figures.ts';
import { CRITICAL_HEAD, DECLARED_HEAD, OUTAGE_COLUMNS, REVOCATION_KINDS } from '../../view/columns.ts';
import { figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { type Output, plainColumn, textColumn, titled } from './text.ts';

/** The longest lag of each arm by kind of revocation. */
export function revocationTable(view: ReportView, output: Output): string[] {
  const lags = withFactors(lagFigures(view), { quantile: 'max' });
  const arms = [...new Set(lags.map(({ arm }) => arm))];
  if (arms.length === 0) return [];
  const bounds = withFactors(figuresOf(view.run, 'revocation', 'revocation_bound_ms').filter(hasArm), {
    settings: 'deployed',
  });
  const column = (head: string, figures: typeof lags) =>
    plainColumn(
      head,
      arms.map((arm) => slowest(figures.filter((figure) => figure.arm === arm))),
      view.flags,
    );
  const columns = [
    ...REVOCATION_KINDS.map(({ name, head }) => column(head, withFactors(lags, { kind: name, operation: 'read' }))),
    column(CRITICAL_HEAD, withFactors(lags, { operation: 'critical' })),
    column(DECLARED_HEAD, bounds),
  ];
  const title = 'Longest time a revoked credential was still accepted (experiment revocation)';
  return titled(title, textColumn('Arm', arms), columns, output);
}

/** A table for each fault. */
export function outageTables(view: ReportView, output: Output): string[] {
  const names = variants(view).map(({ name }) => name);
  return FAULTS.flatMap(({ name: fault, title }) => {
    const columns = OUTAGE_COLUMNS.filter(({ brief }) => brief).map((column) => ({
      ...column,
      figures: outageFigures(view, column.metric, { fault, ...column.factors }),
    }));
    const rows = names.filter((name) => columns.some(({ figures }) => ofVariant(figures, name) !== null));
    if (rows.length === 0) return [];
    const table = titled(
      `${title}: what clients saw (experiment outage)`,
      textColumn('Arm', rows),
      columns.map(({ head, figures }) =>
        plainColumn(
          head,
          rows.map((name) => ofVariant(figures, name)),
          view.flags,
        ),
      ),
      output,
    );
    return [...table, ''];
  }).slice(0, -1);
}
