/** Distributions, corrections and intervals, compared with the output of R. */
import { bootstrap } from '../../core/stats/bootstrap.ts';
import {
  logGamma,
  normalCdf,
  normalQuantile,
  regularizedBeta,
  studentCdf,
  studentQuantile,
} from '../../core/stats/distributions.ts';
import { fitLine } from '../../core/stats/fitting/line.ts';
import { holm } from '../../core/stats/holm.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { medianAbsoluteDeviation, trimmedMean, variance } from '../../core/stats/location.ts';
import { proportion } from '../../core/stats/proportion.ts';
import { digits, type Fact, printedTo, type Source } from '../fact.ts';
import { RIVERS } from './rivers.ts';

/** Printed with this many significant digits. */
const number = (what: string, published: number, significant: number, ours: () => number): Fact => ({
  what,
  published,
  tolerance: digits(published, significant),
  ours,
});

const wilson = (hits: number, trials: number, low: number, high: number): Fact[] => [
  ...(low === 0 ? [] : [number(`${hits} of ${trials}, low`, low, 12, () => proportion(hits, trials).low)]),
  ...(high === 1 ? [] : [number(`${hits} of ${trials}, high`, high, 12, () => proportion(hits, trials).high)]),
];

/** Hours between failures of an aircraft's air conditioning (Proschan 1963). */
const FAILURES = [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487];
/** Test scores and grades of fifteen law schools (Efron & Tibshirani 1993, table 3.1). */
const SCORES = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594];
const GRADES = [3.39, 3.3, 2.81, 3.03, 3.44, 3.07, 3, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96];

function correlation(xs: ArrayLike<number>, ys: ArrayLike<number>, count: number): number {
  const [forward, back] = [fitLine(xs, ys, count), fitLine(ys, xs, count)];
  return Math.sign(forward.slope) * Math.sqrt(forward.slope * back.slope);
}

const RESAMPLING = { seed: 1, resamples: 40_000, smallSample: false } as const;
const failures = (): Estimate =>
  bootstrap(
    [[FAILURES]],
    ([hours = new Float64Array()], count) => hours.subarray(0, count).reduce((a, b) => a + b, 0) / count,
    RESAMPLING,
  );
const schools = (method: 'percentile' | 'bca'): Estimate =>
  bootstrap(
    [[SCORES], [GRADES]],
    ([x = new Float64Array(), y = new Float64Array()], count) => correlation(x, y, count),
    {
      ...RESAMPLING,
      method,
    },
  );
/** Two programs that resample differ by chance; the tolerance is about four standard errors at 40,000 resamples. */
const resampled = (what: string, published: number, tolerance: number, ours: () => number): Fact => ({
  what,
  published,
  tolerance,
  ours,
});

/** p-values of 25 dietary variables and breast density (García-Arenzana et al. 2014, as McDonald prints them). */
const DIETARY = [
  0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341, 0.384,
  0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
];
const ANSCOMBE_X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
const ANSCOMBE_Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

/** Stopping distances in feet by speed in miles an hour, of cars of the 1920s (Ezekiel 1930); R's data set `cars`. */
const SPEEDS = [
  4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 16, 16, 17, 17, 17,
  18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24, 24, 24, 25,
];
const DISTANCES = [
  2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26, 54, 32, 40, 32, 40,
  50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85,
];
/** Quantiles of Student's t by degrees of freedom. */
const TABLE_T = [
  [1, 12.706205],
  [2, 4.302653],
  [3, 3.182446],
  [4, 2.776445],
  [5, 2.570582],
  [6, 2.446912],
  [7, 2.364624],
  [8, 2.306004],
  [9, 2.262157],
  [10, 2.228139],
  [20, 2.085963],
  [50, 2.008559],
  [100, 1.983972],
  [1000, 1.962339],
];

export const STATISTICS: readonly Source[] = [
  {
    subject: 'distributions',
    source: 'R 4.2.2: qt, pt, qnorm, pbeta, lgamma',
    facts: [
      number('qt(0.975, 1)', 12.7062047361747, 12, () => studentQuantile(0.975, 1)),
      number('qt(0.975, 2.5)', 3.57465484200369, 12, () => studentQuantile(0.975, 2.5)),
      number('qt(0.975, 4)', 2.7764451051978, 12, () => studentQuantile(0.975, 4)),
      number('qt(0.975, 17.776)', 2.10282131038022, 12, () => studentQuantile(0.975, 17.776)),
      number('qt(0.975, 120)', 1.97993040508242, 12, () => studentQuantile(0.975, 120)),
      number('qt(0.995, 3)', 5.84090930973335, 12, () => studentQuantile(0.995, 3)),
      number('pt(2.5, 7)', 0.979503890707124, 12, () => studentCdf(2.5, 7)),
      number('qnorm(0.9)', 1.2815515655446, 13, () => normalQuantile(0.9)),
      number('qnorm(0.975)', 1.95996398454005, 13, () => normalQuantile(0.975)),
      number('qnorm(0.999999)', 4.75342430881709, 11, () => normalQuantile(0.999999)),
      number('pbeta(0.3, 2.5, 4.7)', 0.427784181792012, 12, () => regularizedBeta(0.3, 2.5, 4.7)),
      number('lgamma(0.5)', 0.5723649429247, 12, () => logGamma(0.5)),
      number('lgamma(10.1)', 13.0275267386332, 12, () => logGamma(10.1)),
      number('lgamma(100.25)', 360.284559637766, 12, () => logGamma(100.25)),
    ],
  },
  {
    subject: 'distributions',
    source: 'R: help page of the t distribution, qt(.975, c(1:10, 20, 50, 100, 1000)); pnorm and qnorm at their ends',
    facts: [
      ...TABLE_T.map(([degrees = 0, published = 0]) =>
        number(`qt(0.975, ${degrees})`, published, 7, () => studentQuantile(0.975, degrees)),
      ),
      number('qt(0.975, 1e8)', 1.959964, 7, () => studentQuantile(0.975, 1e8)),
      number('qt(0.975, Inf)', 1.959964, 7, () => studentQuantile(0.975, Number.POSITIVE_INFINITY)),
      number('pnorm(2)', 0.9772499, 7, () => normalCdf(2)),
      { what: 'pnorm(Inf)', published: 1, tolerance: Number.EPSILON, ours: () => normalCdf(Number.POSITIVE_INFINITY) },
      { what: 'pnorm(-Inf)', published: 0, tolerance: 1e-300, ours: () => normalCdf(Number.NEGATIVE_INFINITY) },
      number('qnorm(1e-300)', -37.0471, 6, () => normalQuantile(1e-300)),
    ],
  },
  {
    subject: 'location and spread',
    source: 'R 4.2.2: mean(trim), mad, var of rivers',
    facts: [
      number('mean(rivers, trim = 0.2)', 459.976470588235, 14, () => trimmedMean(RIVERS, 0.2)),
      number('mad(rivers, constant = 1)', 145, 3, () => medianAbsoluteDeviation(RIVERS)),
      number('var(rivers)', 243908.408611955, 14, () => variance(RIVERS)),
    ],
  },
  {
    subject: 'Holm’s correction',
    source: 'R 4.2.2: p.adjust(method = "holm"), the second on 25 dietary variables of McDonald (2014)',
    facts: [
      ...[0.05, 0.08, 0.09, 0.09, 0.09].map((published, i) =>
        number(`five p-values, ${i + 1}`, published, 12, () => holm([0.01, 0.02, 0.03, 0.04, 0.05])[i] ?? Number.NaN),
      ),
      ...[0.025, 0.192, 0.897, 0.902, 0.902, 1].map((published, i) =>
        number(`dietary variables, ${i + 1}`, published, 12, () => holm(DIETARY)[i] ?? Number.NaN),
      ),
    ],
  },
  {
    subject: 'shares (Wilson)',
    source: 'R 4.2.2: prop.test(correct = FALSE)',
    facts: [
      ...wilson(0, 10, 0, 0.277532799862889),
      ...wilson(1, 10, 0.0178762130950729, 0.404150026795238),
      ...wilson(15, 50, 0.191035535008809, 0.437503504644534),
      ...wilson(83, 100, 0.744519952323989, 0.891064338859401),
      ...wilson(10, 10, 0.722467200137111, 1),
    ],
  },
  {
    subject: 'bootstrap intervals',
    source: 'R 4.2.2, boot 1.3-28: boot.ci with 199,999 resamples, of aircondit and of the law schools',
    facts: [
      resampled('mean between failures, low', 46.9, 1.2, () => failures().low),
      resampled('mean between failures, high', 191.3, 2.5, () => failures().high),
      resampled('correlation, low', 0.4577, 0.012, () => schools('percentile').low),
      resampled('correlation, high', 0.962, 0.003, () => schools('percentile').high),
      resampled('correlation by BCa, low', 0.3231, 0.02, () => schools('bca').low),
      resampled('correlation by BCa, high', 0.9407, 0.005, () => schools('bca').high),
    ],
  },
  {
    subject: 'straight line',
    source: 'R: lm(dist ~ speed, cars)',
    facts: [
      number('slope', 3.9324, 5, () => fitLine(SPEEDS, DISTANCES).slope),
      number('intercept', -17.5791, 6, () => fitLine(SPEEDS, DISTANCES).intercept),
    ],
  },
  {
    subject: 'straight line',
    source: 'Anscombe, Graphs in Statistical Analysis (1973), data set I',
    facts: [
      { what: 'slope', published: 0.5, tolerance: printedTo(3), ours: () => fitLine(ANSCOMBE_X, ANSCOMBE_Y).slope },
      {
        what: 'intercept',
        published: 3,
        tolerance: printedTo(3),
        ours: () => fitLine(ANSCOMBE_X, ANSCOMBE_Y).intercept,
      },
    ],
  },
];
