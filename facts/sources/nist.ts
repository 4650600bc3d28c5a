/**
 * The Statistical Reference Datasets of NIST (StRD): certified values of regressions, means and standard deviations.
 */
import { leastSquares, standardErrors } from '../../core/model/least-squares.ts';
import { fitLine } from '../../core/stats/fitting/line.ts';
import { mean, variance } from '../../core/stats/location.ts';
import { digits, type Fact, type Source } from '../fact.ts';

interface Dataset {
  readonly name: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly model: (parameters: readonly number[], x: number) => number;
  readonly start: readonly number[];
  readonly certified: readonly number[];
  readonly errors: readonly number[];
}

const MISRA_1A: Omit<Dataset, 'name' | 'start'> = {
  xs: [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760],
  ys: [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78],
  model: ([b1 = 0, b2 = 0], x) => b1 * (1 - Math.exp(-b2 * x)),
  certified: [238.94212918, 5.5015643181e-4],
  errors: [2.7070075241, 7.2668688436e-6],
};
const RAT_42: Omit<Dataset, 'name' | 'start'> = {
  xs: [9, 14, 21, 28, 42, 57, 63, 70, 79],
  ys: [8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08],
  model: ([b1 = 0, b2 = 0, b3 = 0], x) => b1 / (1 + Math.exp(b2 - b3 * x)),
  certified: [72.462237576, 2.6180768402, 6.7359200066e-2],
  errors: [1.7340283401, 8.8295217536e-2, 3.4465663377e-3],
};
const MGH_09: Omit<Dataset, 'name' | 'start'> = {
  xs: [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
  ys: [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
  model: ([b1 = 0, b2 = 0, b3 = 0, b4 = 0], x) => (b1 * (x * x + x * b2)) / (x * x + x * b3 + b4),
  certified: [0.19280693458, 0.19128232873, 0.12305650693, 0.13606233068],
  errors: [1.1435312227e-2, 0.19633220911, 8.0842031232e-2, 9.0025542308e-2],
};

/** Start 1 of NIST is far from the solution, start 2 is near. */
const DATASETS: readonly Dataset[] = [
  { name: 'Misra1a, start 1', ...MISRA_1A, start: [500, 1e-4] },
  { name: 'Misra1a, start 2', ...MISRA_1A, start: [250, 5e-4] },
  {
    name: 'DanWood, start 1',
    xs: [1.309, 1.471, 1.49, 1.565, 1.611, 1.68],
    ys: [2.138, 3.421, 3.597, 4.34, 4.882, 5.66],
    model: ([b1 = 0, b2 = 0], x) => b1 * x ** b2,
    start: [1, 5],
    certified: [0.76886226176, 3.8604055871],
    errors: [1.828197386e-2, 5.1726610913e-2],
  },
  {
    name: 'BoxBOD, start 2',
    xs: [1, 2, 3, 5, 7, 10],
    ys: [109, 149, 149, 191, 213, 224],
    model: ([b1 = 0, b2 = 0], x) => b1 * (1 - Math.exp(-b2 * x)),
    start: [100, 0.75],
    certified: [213.80940889, 0.54723748542],
    errors: [12.354515176, 0.10455993237],
  },
  { name: 'Rat42, start 1', ...RAT_42, start: [100, 1, 0.1] },
  { name: 'Rat42, start 2', ...RAT_42, start: [75, 2.5, 0.07] },
  { name: 'MGH09, start 1', ...MGH_09, start: [25, 39, 41.5, 39] },
  { name: 'MGH09, start 2', ...MGH_09, start: [0.25, 0.39, 0.415, 0.39] },
  {
    name: 'MGH10, start 2',
    xs: [50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125],
    ys: [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872],
    model: ([b1 = 0, b2 = 0, b3 = 0], x) => b1 * Math.exp(b2 / (x + b3)),
    start: [0.02, 4000, 250],
    certified: [5.609636471e-3, 6181.3463463, 345.22363462],
    errors: [1.5687892471e-4, 23.309021107, 0.78486103508],
  },
];

function factsOf({ name, xs, ys, model, start, certified, errors }: Dataset): Fact[] {
  const residuals = (tried: readonly number[]) => xs.map((x, i) => model(tried, x) - (ys[i] as number));
  const solved = () => leastSquares(residuals, start);
  const number = (what: string, published: number, ours: () => number): Fact => ({
    what: `${name}: ${what}`,
    published,
    // NIST certifies eleven digits; seven are required of a fit by finite differences.
    tolerance: digits(published, 7),
    ours,
  });
  return certified.flatMap((published, i) => [
    number(`b${i + 1}`, published, () => solved().parameters[i] ?? Number.NaN),
    number(
      `b${i + 1}, standard error`,
      errors[i] as number,
      () => standardErrors(residuals, solved())?.[i] ?? Number.NaN,
    ),
  ]);
}

/** A calibration of ozone monitors against the standard of NIST. */
const NORRIS_X = [
  0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777, 558.2, 0.4, 0.6, 775.5, 666.9, 338, 447.5, 11.6, 556,
  228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999, 779, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5,
];
const NORRIS_Y = [
  0.1, 338.8, 118.1, 888, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9, 10.8,
  557.7, 228.3, 998, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2,
];

/** 1001 numbers around a large one: premature subtraction loses all digits. */
const about = (level: number) => [
  level + 0.2,
  ...Array.from({ length: 1000 }, (_, i) => level + (i % 2 === 0 ? 0.1 : 0.3)),
];
const spread = (level: number, significant: number): Fact => ({
  what: `about ${level}, standard deviation`,
  published: 0.1,
  tolerance: digits(0.1, significant),
  ours: () => Math.sqrt(variance(about(level))),
});

export const NIST: readonly Source[] = [
  {
    subject: 'least squares, not linear',
    source: 'NIST Statistical Reference Datasets: Misra1a, DanWood, BoxBOD, Rat42, MGH09 and MGH10',
    facts: DATASETS.flatMap(factsOf),
  },
  {
    subject: 'straight line',
    source: 'NIST Statistical Reference Datasets: Norris',
    facts: [
      {
        what: 'slope',
        published: 1.00211681802045,
        tolerance: digits(1, 12),
        ours: () => fitLine(NORRIS_X, NORRIS_Y).slope,
      },
      {
        what: 'intercept',
        published: -0.262323073774029,
        tolerance: digits(0.26, 11),
        ours: () => fitLine(NORRIS_X, NORRIS_Y).intercept,
      },
    ],
  },
  {
    subject: 'location and spread',
    source: 'NIST Statistical Reference Datasets: NumAcc3 and NumAcc4',
    facts: [
      {
        what: 'about 10000000, mean',
        published: 10_000_000.2,
        tolerance: digits(10_000_000.2, 13),
        ours: () => mean(about(10_000_000)),
      },
      // In binary, the numbers themselves are off by the tenth and ninth digit of their standard deviation.
      spread(1_000_000, 9),
      spread(10_000_000, 8),
    ],
  },
];
