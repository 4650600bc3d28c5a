/** The Universal Scalability Law on `scale`: its coefficients, and its predictions of held-out data. Pure. */
import { fitUsl, type Usl, UslError, type UslKind, uslKindFor, uslThroughput } from '../../../../core/model/usl.ts';
import type { Figure } from '../../../../core/results/schema.ts';
import type { Estimate } from '../../../../core/stats/interval.ts';
import { type Sums, split } from '../series.ts';
import { errorPct, type SeriesModel, throughputOf } from './resample.ts';

const USL = { model: 'usl' } as const;

/** Null if the throughputs cannot be fitted. */
function fitTo(
  model: SeriesModel,
  sums: ReadonlyMap<number, Sums>,
  replicas: readonly number[],
  kind: UslKind,
): Usl | null {
  const points = replicas.map((n) => ({ n, throughput: throughputOf(sums, n) }));
  return model.once(`${kind} ${JSON.stringify(points)}`, () => {
    try {
      return fitUsl(points, kind);
    } catch (error) {
      if (error instanceof UslError) return null;
      throw error;
    }
  });
}

/** Coefficients use all numbers of replicas; predictions use those not held out, with only the significant terms. */
export function uslFigures(model: SeriesModel): Figure[] {
  const { replicas } = model.series;
  if (replicas.length < 2) return [];
  return [...coefficients(model), ...predictions(model)];
}

/** Rounding error of a coefficient of 0 in exact data. */
const ROUNDING = 1e-9;

/**
 * The coefficient as it is shown, from 0 upwards. Null if the whole interval lies below 0: throughput grows faster than
 * the law allows, and a coefficient of exactly 0 would be wrong.
 */
function shown(coefficient: Estimate | null): Estimate | null {
  if (coefficient === null || coefficient.high < -ROUNDING) return null;
  const { value, low, high } = coefficient;
  return { ...coefficient, value: Math.max(0, value), low: Math.max(0, low), high: Math.max(0, high) };
}

function coefficients(model: SeriesModel): Figure[] {
  const { replicas } = model.series;
  const number = (kind: UslKind, of: (usl: Usl) => number) => (sums: ReadonlyMap<number, Sums>) => {
    const usl = fitTo(model, sums, replicas, kind);
    return usl === null ? Number.NaN : of(usl);
  };
  const kind = uslKindFor(replicas.length);
  const sigma = ({ sigma }: Usl) => sigma;
  const lambda = model.estimate(
    number(kind, ({ lambda }) => lambda),
    'positive',
  );
  const amdahl = model.figure('usl_sigma', shown(model.estimate(number('amdahl', sigma), 'any')), { model: 'amdahl' });
  if (kind !== 'usl') return [...model.figure('usl_lambda_rps', lambda, { model: 'amdahl' }), ...amdahl];
  const kappa = model.estimate(
    number('usl', ({ kappa }) => kappa),
    'any',
  );
  // The inverse square of the peak is well behaved as κ approaches 0 and the peak infinity.
  const inverse = model.estimate(
    number('usl', ({ sigma, kappa }) => kappa / Math.max(ROUNDING, 1 - sigma)),
    'any',
  );
  const peak =
    inverse === null || inverse.blocks < 2 || !(inverse.low > 0)
      ? null
      : { ...inverse, value: inverse.value ** -0.5, low: inverse.high ** -0.5, high: inverse.low ** -0.5 };
  return [
    ...model.figure('usl_lambda_rps', lambda),
    ...model.figure('usl_sigma', shown(model.estimate(number('usl', sigma), 'any'))),
    ...model.figure('usl_kappa', shown(kappa)),
    ...model.figure('usl_peak_replicas', peak),
    ...amdahl,
  ];
}

/** The significant terms: one that may be noise is amplified at twice the fitted number of replicas. */
function tellableKind(model: SeriesModel, fit: readonly number[]): UslKind {
  const estimateOf = (kind: UslKind, term: 'sigma' | 'kappa') =>
    model.estimate((sums) => fitTo(model, sums, fit, kind)?.[term] ?? Number.NaN, 'any');
  const isAbove0 = (kind: UslKind, term: 'sigma' | 'kappa') => {
    const found = estimateOf(kind, term);
    return found !== null && found.blocks > 1 && found.low > 0;
  };
  const most = uslKindFor(fit.length);
  // A coherency that needs a negative contention is an artefact of noise.
  const isLaw = () => (estimateOf('usl', 'sigma')?.value ?? -1) > -ROUNDING;
  if (most === 'usl' && isAbove0('usl', 'kappa') && isLaw()) return 'usl';
  return most !== 'linear' && isAbove0('amdahl', 'sigma') ? 'amdahl' : 'linear';
}

function predictions(model: SeriesModel): Figure[] {
  const { fit, held } = split(model.series.replicas);
  const kind = tellableKind(model, fit);
  const predict = (n: number) => (sums: ReadonlyMap<number, Sums>) => {
    const usl = fitTo(model, sums, fit, kind);
    return usl === null ? Number.NaN : uslThroughput(usl, n);
  };
  return held.flatMap((n) => {
    const factors = { ...USL, replicas: n };
    const error = (sums: ReadonlyMap<number, Sums>) => errorPct(predict(n)(sums), throughputOf(sums, n));
    return [
      ...model.figure('model_throughput_rps', model.estimate(predict(n), 'positive'), factors),
      ...model.figure('prediction_error_pct', model.estimate(error, 'any'), factors),
    ];
  });
}
