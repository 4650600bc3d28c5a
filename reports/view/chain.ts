/** Figures of `chain`, by arm and where its checks stand. */
import type { Metric } from '../../core/results/metrics.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from './figures.ts';
import type { ReportView } from './view.ts';

/** The places of checks, in the order of tables. */
export const CHECKS = [
  { checks: 'edge', title: 'at the edge' },
  { checks: 'every-hop', title: 'at every hop' },
  { checks: 'auth-service', title: 'by an auth service' },
] as const;
export type Checks = (typeof CHECKS)[number]['checks'];

export interface CheckedChain {
  readonly arm: string;
  readonly colour: string;
  readonly checks: Checks;
  /** `session-redis at every hop` */
  readonly name: string;
}

const chainFigures = (view: ReportView, metric: Metric) => figuresOf(view.run, 'chain', metric).filter(hasArm);

/** Every chain with a toll, in the order of the run's arms. */
export function checkedChains(view: ReportView): CheckedChain[] {
  const tolls = chainFigures(view, 'chain_toll_us');
  return view.arms.flatMap(({ name: arm, colour }) =>
    CHECKS.flatMap(({ checks, title }) =>
      tolls.some((figure) => figure.arm === arm && figure.factors.checks === checks)
        ? [{ arm, colour, checks, name: `${arm} ${title}` }]
        : [],
    ),
  );
}

export const hopsOf = (figure: ArmFigure) => factorNumber(figure, 'hops') ?? 0;

/** Figures by rising number of hops. */
export function figuresOfChain(
  view: ReportView,
  { arm, checks }: Pick<CheckedChain, 'arm' | 'checks'>,
  metric: Metric,
): ArmFigure[] {
  return chainFigures(view, metric)
    .filter((figure) => figure.arm === arm && figure.factors.checks === checks)
    .sort((a, b) => hopsOf(a) - hopsOf(b));
}
