/**
 * How often the 95 % intervals of pooled ratios hold the truth, as a table in Markdown: `node scripts/simulate-coverage.ts
 * [REPETITIONS]`. See docs/method.md, "How often intervals hold the truth".
 */
import { type Coverage, SCENARIOS, type Shape, simulateCoverage } from '../core/stats/pooled-coverage.ts';

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

const repetitions = Number(process.argv[2] ?? 1000);
if (!Number.isInteger(repetitions) || repetitions < 1) throw new RangeError('Name a whole number of repetitions.');

const percent = (share: number) => (100 * share).toFixed(1);

function row(name: string, shape: string, found: Coverage): string {
  const halves = `±${percent(found.halfWidth)} | ±${percent(found.plainHalfWidth)}`;
  return `| ${shape} | ${name} | ${percent(found.toBaseline)} | ${percent(found.toArm)} | ${percent(found.worstArm)} | ${halves} |`;
}

console.log(
  '| forks × arms × baseline processes | variances | to baseline | arm to arm | worst arm | half-width | Student’s t |',
);
console.log('|---|---|---|---|---|---|---|');
for (const { stopAt, ...shape } of [...SHAPES.map((shape) => ({ ...shape, stopAt: undefined })), ...STOPPING]) {
  const { forks, arms, processes } = shape;
  const name = `${stopAt === undefined ? '' : `until ±${percent(stopAt)} %, at most `}${forks} × ${arms} × ${processes}`;
  for (const scenario of SCENARIOS) {
    const options = { seed: 1, draws: 400, ...(stopAt === undefined ? {} : { stopAt }) };
    console.log(row(scenario.name, name, simulateCoverage(scenario, shape, repetitions, options)));
  }
}
