/**
 * How often the 95 % intervals of pooled ratios hold the truth, as a table in Markdown: `node scripts/simulate-coverage.ts
 * [REPETITIONS]`; with `--priors`, what it would bring to know the baseline's spread from earlier runs. See docs/method.md,
 * "Coverage of the intervals".
 */
import { parseArgs } from 'node:util';
import {
  type Coverage,
  SCENARIOS,
  type Scenario,
  type Shape,
  simulateCoverage,
} from '../core/stats/pooled-coverage.ts';
import type { BaselinePrior } from '../core/stats/variances.ts';

const SHAPES: readonly Shape[] = [
  { forks: 3, arms: 8, processes: 3, blocks: 6 },
  { forks: 5, arms: 8, processes: 3, blocks: 6 },
  { forks: 8, arms: 8, processes: 3, blocks: 6 },
  { forks: 3, arms: 3, processes: 3, blocks: 6 },
  { forks: 4, arms: 10, processes: 3, blocks: 6 },
  { forks: 3, arms: 8, processes: 1, blocks: 6 },
  { forks: 5, arms: 4, processes: 1, blocks: 6 },
];
const STOPPING = [
  { forks: 8, arms: 8, processes: 3, blocks: 6, stopAt: 0.05 },
  { forks: 8, arms: 3, processes: 3, blocks: 6, stopAt: 0.06 },
  { forks: 8, arms: 8, processes: 1, blocks: 6, stopAt: 0.07 },
];
const PRIOR_SHAPES: readonly Shape[] = [
  { forks: 3, arms: 8, processes: 3, blocks: 6 },
  { forks: 5, arms: 8, processes: 3, blocks: 6 },
];
/** What a handful of earlier runs is worth. */
const PRIOR_DEGREES = 6;

const { values, positionals } = parseArgs({ options: { priors: { type: 'boolean' } }, allowPositionals: true });
const repetitions = Number(positionals[0] ?? 1000);
if (!Number.isInteger(repetitions) || repetitions < 1) throw new RangeError('Name a whole number of repetitions.');

const percent = (share: number) => (100 * share).toFixed(1);
const nameOf = ({ forks, arms, processes }: Shape) => `${forks} × ${arms} × ${processes}`;

function print(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function head(...cells: readonly string[]): void {
  print(...cells);
  console.log(`|${'---|'.repeat(cells.length)}`);
}

function shares(found: Coverage): string[] {
  return [percent(found.toBaseline), percent(found.toArm), percent(found.worstArm), `±${percent(found.halfWidth)}`];
}

function coverageTable(): void {
  head(
    'forks × arms × baseline processes',
    'variances',
    'to baseline',
    'arm to arm',
    'worst arm',
    'half-width',
    'Student’s t',
  );
  for (const { stopAt, ...shape } of [...SHAPES.map((shape) => ({ ...shape, stopAt: undefined })), ...STOPPING]) {
    const name = `${stopAt === undefined ? '' : `until ±${percent(stopAt)} %, at most `}${nameOf(shape)}`;
    for (const scenario of SCENARIOS) {
      const options = { seed: 1, draws: 400, ...(stopAt === undefined ? {} : { stopAt }) };
      const found = simulateCoverage(scenario, shape, repetitions, options);
      print(name, scenario.name, ...shares(found), `±${percent(found.plainHalfWidth)}`);
    }
  }
}

/** Without a prior, with the true one, and with some that are off by a factor of two. */
function priorsFor({ processSpread }: Scenario): readonly (readonly [string, BaselinePrior | null])[] {
  const of = (factor: number) => ({ ratio: processSpread * factor, degrees: PRIOR_DEGREES });
  return [
    ['none', null],
    ['right', of(1)],
    ['half the truth', of(0.5)],
    ['twice the truth', of(2)],
  ];
}

function priorTable(): void {
  head(
    'forks × arms × baseline processes',
    'variances',
    'prior',
    'to baseline',
    'arm to arm',
    'worst arm',
    'half-width',
  );
  for (const shape of PRIOR_SHAPES) {
    for (const scenario of SCENARIOS) {
      for (const [name, prior] of priorsFor(scenario)) {
        const found = simulateCoverage(scenario, shape, repetitions, { seed: 1, draws: 400, prior });
        print(nameOf(shape), scenario.name, name, ...shares(found));
      }
    }
  }
}

if (values.priors) priorTable();
else coverageTable();
