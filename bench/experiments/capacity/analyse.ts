/** Turns capacity's slices into figures: the answers of all fresh starts, and what broke first. Pure. */

import type { Flag } from '../../../core/results/flags.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { proportion } from '../../../core/stats/proportion.ts';
import { CAUSES, type Cause, type Objective, objectiveOf } from '../../../core/thresholds/objective.ts';
import { Cell } from '../../analysis/cell.ts';
import { WIDE } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { combine, type Peaks } from './combine.ts';
import { calmSlices } from './model.ts';
import { CAPACITY } from './plan.ts';
import {
  causeOfStart,
  decidingSlices,
  type Searched,
  type ServersOf,
  type Start,
  searchesOf,
  serversFor,
} from './starts.ts';
import { isTooShort } from './verdict.ts';

/** The recommended rate stays below the peak by this share. */
const HEADROOM = 0.2;

const scaled = (by: number, { value, low, high, ...shape }: Estimate): Estimate => ({
  value: by * value,
  low: by * low,
  high: by * high,
  ...shape,
});

/** Figures of one arm at one number of replicas. @param peaks of all starts together; empty without a single rate */
function figuresOf(
  { arm, factors, replicas, slices, starts }: Searched,
  peaks: Peaks,
  objective: Objective,
  serversOf: ServersOf,
  context: AnalysisContext,
): Figure[] {
  const calibration = context.environment.calibration?.flag ?? null;
  const deciding = starts.flatMap(decidingSlices);
  const flags: Flag[] = [
    ...(calibration === null ? [] : [calibration]),
    ...(starts.length === 1 ? ['one-fork' as const] : []),
    ...(deciding.some((slice) => isTooShort(slice, objective)) ? ['step-short' as const] : []),
  ];
  const cell = new Cell({
    subject: { experiment: CAPACITY, arm, factors },
    slices: deciding,
    seeds: seedsOf(context, `capacity ${arm} ${replicas}`),
    flags,
  });
  const closed = cell.of(slices.filter(({ mode }) => mode === 'closed'));
  const reasons = starts.flatMap((start) => causeOfStart(start, objective, serversOf) ?? []);
  const known = starts.filter(({ answer }) => answer.kind !== 'unknown');
  const byGenerator: Flag[] = starts.some(({ answer }) => answer.byGenerator) ? ['generator-saturated'] : [];
  const answers = cell.with({ flags: [...flags, ...byGenerator] });
  return [
    ...closed.quotient('throughput_rps', { label: 'saturated' }),
    ...(known.length === 0 ? [] : figuresOfAnswer(answers, known, closed.slices, peaks)),
    ...modelFigures(cell, known, peaks),
    ...(Object.keys(CAUSES) as Cause[]).flatMap((cause) => {
      const count = reasons.filter((reason) => reason === cause).length;
      if (count === 0) return [];
      return [
        cell.figure('broke_first_pct', scaled(100, proportion(count, reasons.length)), { factors: { broke: cause } }),
      ];
    }),
  ];
}

/** @param starts with an answer @param closed the slices of the closed loop in all starts */
function* figuresOfAnswer(
  cell: Cell,
  starts: readonly Start[],
  closed: readonly Slice[],
  peaks: Peaks,
): Generator<Figure> {
  const found = starts.flatMap(({ answer }) => (answer.kind === 'found' ? [answer] : []));
  const share = (count: number) => scaled(100, proportion(count, starts.length));
  yield cell.figure('objective_met_pct', share(starts.filter(({ answer }) => answer.kind !== 'none').length));
  const unbroken = starts.filter(({ answer }) => answer.kind === 'any');
  if (unbroken.length > 0) yield cell.figure('never_missed_pct', share(unbroken.length));
  const tried = found.filter(({ recovered }) => recovered !== null);
  if (tried.length > 0) {
    const back = tried.filter(({ recovered }) => recovered).length;
    yield cell.figure('recovered_pct', scaled(100, proportion(back, tried.length)));
  }
  const { peak, share: ofSaturated, perCore } = peaks;
  if (peak === undefined) return;
  const options = { targetHalfWidth: WIDE.throughput };
  yield cell.figure('peak_rps', peak, options);
  yield cell.figure('recommended_rps', scaled(1 - HEADROOM, peak), options);
  if (perCore !== undefined) yield cell.figure('peak_per_core_rps', perCore);
  if (ofSaturated === undefined) return;
  yield cell.of([...cell.slices, ...closed]).figure('peak_of_saturated_pct', scaled(100, ofSaturated));
}

/** Uses only the calm looks, so a saturated generator does not flag it. */
function modelFigures(cell: Cell, starts: readonly Start[], { model }: Peaks): Figure[] {
  if (model === undefined) return [];
  const options = { factors: { model: 'queueing network' }, source: 'model' as const };
  return [cell.of(starts.flatMap(calmSlices)).figure('peak_model_rps', model, options)];
}

export function analyseCapacity(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const objective = objectiveOf(context.config.slo);
  const searches = searchesOf(slices, objective, context);
  const serversOf = ({ replicas }: Searched) => serversFor(replicas, context);
  const peaks = combine(searches, objective, serversOf);
  return searches.flatMap((search, i) => figuresOf(search, peaks[i] ?? {}, objective, serversOf(search), context));
}
