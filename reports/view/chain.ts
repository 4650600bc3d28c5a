/** Figures of `chain`, by arm and where its checks are made. */
import type { Metric } from '../../core/results/metrics.ts';
import { otherArmOf } from '../../core/results/other-arm.ts';
import type { BreakEven } from '../../core/text/break-even.ts';
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

/** Figures by increasing number of hops. */
export function figuresOfChain(
  view: ReportView,
  { arm, checks }: Pick<CheckedChain, 'arm' | 'checks'>,
  metric: Metric,
): ArmFigure[] {
  return chainFigures(view, metric)
    .filter((figure) => figure.arm === arm && figure.factors.checks === checks)
    .sort((a, b) => hopsOf(a) - hopsOf(b));
}

/** An arm with an edge, compared with one that asks at every service. */
export interface EdgeComparison extends BreakEven {
  /** The break-even; null if there is none. */
  readonly found: ArmFigure | null;
  /** CPU time of the edge's chain minus that of the other, by increasing number of services. */
  readonly differences: readonly ArmFigure[];
}

/** Every comparison of an edge, in the order of the run's arms. */
export function edgeComparisons(view: ReportView): EdgeComparison[] {
  const breakEvens = chainFigures(view, 'chain_break_even_services');
  const pairs = Map.groupBy(chainFigures(view, 'chain_difference_us'), (figure) =>
    JSON.stringify([figure.arm, otherArmOf(figure)]),
  );
  return [...pairs.values()].flatMap((figures) => {
    const differences = figures.toSorted((a, b) => hopsOf(a) - hopsOf(b));
    const last = differences.at(-1);
    if (last === undefined) return [];
    const [edge, against] = [last.arm, otherArmOf(last)];
    const found = breakEvens.find((figure) => figure.arm === edge && otherArmOf(figure) === against) ?? null;
    return [{ edge, against, found, measured: hopsOf(last), differences }];
  });
}
