/** The figures of `revocation` as deployed, one line per arm. Shared by its chart and its details. */
import { type ArmFigure, figuresOf, hasArm, tollFigures } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';

export type Operation = 'read' | 'critical';

/** Lags as deployed, which readers want; if a lifetime was shortened for the run, the lag is scaled from it. */
export function lagFigures(view: ReportView): ArmFigure[] {
  return figuresOf(view.run, 'revocation', 'revocation_lag_ms')
    .filter(hasArm)
    .filter(({ factors }) => factors.settings === 'deployed');
}

/** The largest lag: with several kinds of credentials, or ways to end them, the slowest counts. */
export function slowest(figures: readonly ArmFigure[]): ArmFigure | null {
  return figures.toSorted((a, b) => b.value - a.value || b.high - a.high)[0] ?? null;
}

export function withFactors(figures: readonly ArmFigure[], factors: Readonly<Record<string, string>>): ArmFigure[] {
  return figures.filter((figure) => Object.entries(factors).every(([name, level]) => figure.factors[name] === level));
}

export interface ArmLag {
  readonly arm: string;
  readonly colour: string;
  /** The median lag of the slowest way to end a credential. */
  readonly median: ArmFigure | null;
  readonly max: ArmFigure;
  /** The lag of a critical operation; null if it was not measured. */
  readonly critical: ArmFigure | null;
  /** The toll; null if `toll` was not run. */
  readonly toll: ArmFigure | null;
}

/** Arms by increasing lag, and for equal lags by increasing toll. */
export function armLags(view: ReportView): ArmLag[] {
  const lags = lagFigures(view);
  const tolls = tollFigures(view.run, 'cpu_toll_us');
  const found = view.arms.flatMap(({ name, colour }): ArmLag[] => {
    const own = lags.filter(({ arm }) => arm === name);
    const of = (operation: Operation, quantile: string) => slowest(withFactors(own, { operation, quantile }));
    const max = of('read', 'max');
    if (max === null) return [];
    const toll = tolls.find(({ arm }) => arm === name) ?? null;
    return [{ arm: name, colour, median: of('read', 'p50'), max, critical: of('critical', 'max'), toll }];
  });
  const cost = ({ toll }: ArmLag) => toll?.value ?? 0;
  return found.sort((a, b) => a.max.value - b.max.value || cost(a) - cost(b));
}
