/**
 * Tests of hypotheses, compared with the output of R: its own record of the examples of its help pages
 * (`tests/Examples/stats-Ex.Rout.save` of its sources), and of the usual data set `sleep`.
 */
import { hodgesLehmann, hodgesLehmannShift } from '../../core/stats/location.ts';
import { differences } from '../../core/stats/tests/sample.ts';
import {
  mannWhitney,
  pairedTest,
  pseudomedianInterval,
  signedRank,
  studentTest,
  welchTest,
} from '../../core/stats/tests.ts';
import { digits, type Fact, type Source } from '../fact.ts';

/** Printed with this many significant digits. */
const number = (what: string, published: number, significant: number, ours: () => number): Fact => ({
  what,
  published,
  tolerance: digits(published, significant),
  ours,
});

/** Additional hours of sleep of ten patients with each of two drugs (Student 1908). */
const DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

/** Hollander & Wolfe, Nonparametric Statistical Methods (1973): permeability of membranes, and depression before and after. */
const AT_TERM = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const EARLY = [1.15, 0.88, 0.9, 0.74, 1.21];
const BEFORE = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];

/** Ozone in New York in May and August 1973 (Chambers et al. 1983): R's data set `airquality`, without missing days. */
const MAY = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37];
const AUGUST = [
  39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85,
];

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const LOW = upTo(1, 10);
const HIGH = upTo(7, 20);

const paired = () => pairedTest(DRUG_1, DRUG_2);
const pooled = () => studentTest(DRUG_1, DRUG_2);
const sleep = () => welchTest(DRUG_1, DRUG_2);
const apart = () => welchTest(LOW, HIGH);
const outlier = () => welchTest(LOW, [...HIGH, 200]);
const LARGE_SAMPLE = { exact: false, correct: false } as const;

export const HYPOTHESIS_TESTS: readonly Source[] = [
  {
    subject: 'Student’s t, paired',
    source: 'R 4.2.2: t.test(extra ~ group, sleep, paired = TRUE)',
    facts: [
      number('t', -4.0621, 5, () => paired().t),
      number('degrees of freedom', 9, 1, () => paired().degrees),
      number('p', 0.002833, 4, () => paired().p),
      number('low', -2.45988576327698, 12, () => paired().low),
      number('high', -0.700114236723018, 12, () => paired().high),
    ],
  },
  {
    subject: 'Student’s t, two samples',
    source: 'R: t.test(extra ~ group, sleep, var.equal = TRUE), as in the R Cookbook (cookbook-r.com)',
    facts: [
      number('t', -1.8608, 5, () => pooled().t),
      number('degrees of freedom', 18, 2, () => pooled().degrees),
      number('p', 0.07919, 4, () => pooled().p),
      number('low', -3.363874, 7, () => pooled().low),
      number('high', 0.203874, 6, () => pooled().high),
    ],
  },
  {
    subject: 'Welch’s test',
    source: 'R 4.2.2: t.test(extra ~ group, sleep)',
    facts: [
      number('t', -1.8608, 5, () => sleep().t),
      number('degrees of freedom', 17.776, 5, () => sleep().degrees),
      number('p', 0.0793941401874, 11, () => sleep().p),
      number('low', -3.3654832, 8, () => sleep().low),
      number('high', 0.2054832, 7, () => sleep().high),
    ],
  },
  {
    subject: 'Welch’s test',
    source: 'R: examples of the help page t.test, t.test(1:10, 7:20) and t.test(1:10, c(7:20, 200))',
    facts: [
      number('t', -5.4349, 5, () => apart().t),
      number('degrees of freedom', 21.982, 5, () => apart().degrees),
      number('p', 1.855e-5, 4, () => apart().p),
      number('low', -11.052802, 8, () => apart().low),
      number('high', -4.947198, 7, () => apart().high),
      number('with 200, t', -1.6329, 5, () => outlier().t),
      number('with 200, degrees of freedom', 14.165, 5, () => outlier().degrees),
      number('with 200, p', 0.1245, 4, () => outlier().p),
      number('with 200, low', -47.2429, 8, () => outlier().low),
      number('with 200, high', 6.376233, 7, () => outlier().high),
    ],
  },
  {
    subject: 'Mann–Whitney’s test',
    source: 'R: examples of the help page wilcox.test, two samples; ties by the normal distribution, as before R 4.6',
    facts: [
      number('permeability, W', 35, 2, () => mannWhitney(AT_TERM, EARLY).statistic),
      number('permeability, greater, p', 0.1272, 4, () => mannWhitney(AT_TERM, EARLY, { alternative: 'greater' }).p),
      number(
        'permeability, greater, large sample, p',
        0.1103,
        4,
        () => mannWhitney(AT_TERM, EARLY, { alternative: 'greater', ...LARGE_SAMPLE }).p,
      ),
      number('ozone in May and August, W', 127.5, 4, () => mannWhitney(MAY, AUGUST).statistic),
      number('ozone in May and August, p', 1.208e-4, 4, () => mannWhitney(MAY, AUGUST).p),
      number('sleep, W', 25.5, 3, () => mannWhitney(DRUG_1, DRUG_2).statistic),
      number('sleep, p', 0.06933, 4, () => mannWhitney(DRUG_1, DRUG_2).p),
    ],
  },
  {
    subject: 'Wilcoxon’s signed rank test',
    source: 'R: examples of the help page wilcox.test, pairs',
    facts: [
      number('depression, V', 40, 2, () => signedRank(differences(BEFORE, AFTER)).statistic),
      number(
        'depression, greater, p',
        0.01953,
        4,
        () => signedRank(differences(BEFORE, AFTER), { alternative: 'greater' }).p,
      ),
      number('the other way round, V', 5, 1, () => signedRank(differences(AFTER, BEFORE)).statistic),
      number(
        'the other way round, less, p',
        0.01953,
        4,
        () => signedRank(differences(AFTER, BEFORE), { alternative: 'less' }).p,
      ),
      number(
        'the other way round, less, large sample, p',
        0.01908,
        4,
        () => signedRank(differences(AFTER, BEFORE), { alternative: 'less', ...LARGE_SAMPLE }).p,
      ),
    ],
  },
  {
    subject: 'Hodges–Lehmann, as Mann–Whitney’s and Wilcoxon’s tests estimate',
    source: 'R 4.2.2: wilcox.test(conf.int = TRUE), data of Hollander & Wolfe (1973)',
    facts: [
      number('shift', 0.305, 12, () => hodgesLehmannShift(EARLY, AT_TERM)),
      number('pseudomedian', 0.46, 12, () => hodgesLehmann(differences(BEFORE, AFTER))),
      number('pseudomedian, low', 0.01, 12, () => pseudomedianInterval(differences(BEFORE, AFTER)).low),
      number('pseudomedian, high', 0.786, 12, () => pseudomedianInterval(differences(BEFORE, AFTER)).high),
    ],
  },
];
