/** The answers of `capacity` in words. */
import type { Figure } from '../../core/results/schema.ts';
import { formatNumber } from '../../core/text/format.ts';
import { CAUSES, type Cause, objectiveInWords, objectiveOf } from '../../core/thresholds/objective.ts';
import { type ArmFigure, factorNumber, hasArm } from './figures.ts';
import type { ReportView } from './view.ts';

export interface CapacityAnswer {
  readonly arm: string;
  readonly replicas: number;
  readonly peak: ArmFigure | null;
  readonly recommended: ArmFigure | null;
  readonly perCore: ArmFigure | null;
  readonly model: ArmFigure | null;
  /** The resource at its limit in most fresh starts, in words, and in how many if not in all; null if nothing broke. */
  readonly brokeFirst: string | null;
  /** A remark if there is no peak, or if the server did not recover; empty otherwise. */
  readonly remark: string;
}

export const objectiveOfRun = ({ run }: ReportView): string => objectiveInWords(objectiveOf(run.config.slo));

/** One for each arm and number of replicas, the highest peak first. */
export function capacityAnswers(view: ReportView): CapacityAnswer[] {
  const all = view.run.figures.filter(({ experiment }) => experiment === 'capacity').filter(hasArm);
  const cells = Map.groupBy(all, ({ arm, factors }) => `${arm} ${factors.replicas}`);
  const answers = [...cells.values()].flatMap((figures) => {
    const [first] = figures;
    if (first === undefined) return [];
    const of = (metric: Figure['metric']) => figures.find((figure) => figure.metric === metric) ?? null;
    const peak = of('peak_rps');
    return [
      {
        arm: first.arm,
        replicas: factorNumber(first, 'replicas') ?? 1,
        peak,
        recommended: of('recommended_rps'),
        perCore: of('peak_per_core_rps'),
        model: of('peak_model_rps'),
        brokeFirst: brokeFirstOf(figures),
        remark: remarkOf(figures),
      },
    ];
  });
  return answers.toSorted((a, b) => (b.peak?.value ?? 0) - (a.peak?.value ?? 0));
}

function brokeFirstOf(figures: readonly ArmFigure[]): string | null {
  const [most] = figures.filter(({ metric }) => metric === 'broke_first_pct').toSorted((a, b) => b.value - a.value);
  const cause = most?.factors.broke;
  if (most === undefined || typeof cause !== 'string' || !(cause in CAUSES)) return null;
  const share = most.value < 100 ? ` (in ${formatNumber(most.value, 0)} % of the fresh starts)` : '';
  return `${CAUSES[cause as Cause]}${share}`;
}

function remarkOf(figures: readonly ArmFigure[]): string {
  const amountOf = (metric: Figure['metric']) => figures.find((figure) => figure.metric === metric)?.value ?? null;
  const [met, unbroken, recovered] = [
    amountOf('objective_met_pct'),
    amountOf('never_missed_pct'),
    amountOf('recovered_pct'),
  ];
  const hasPeak = amountOf('peak_rps') !== null;
  if (
    met === null &&
    figures.some(({ metric, flags }) => metric === 'throughput_rps' && flags.includes('unexpected-responses'))
  )
    return 'no load was tried, because the closed loop before the search got no expected answer: see the notes of the run';
  if (met === null)
    return brokeFirstOf(figures) === null
      ? 'the run ended before the search began: give it more time'
      : 'the load generator could send no load that was tried: leave it a core of its own, or use a quieter machine';
  if (met === 0) return 'no load meets this objective: even the lowest that was tried missed it';
  if (unbroken === 100) return 'no load misses this objective: ask for more of it';
  if (!hasPeak && met === 100)
    return 'fresh starts disagree whether any load misses this objective: ask for more of it';
  if (!hasPeak)
    return 'fresh starts disagree whether any load meets this objective: give more time, or a quieter machine';
  if (recovered !== null && recovered < 100)
    return `after an overload it did not recover${recovered === 0 ? '' : ' in every start'}: it missed the objective at a load that it had met before`;
  return '';
}
