/** The figures of README, from the committed sample. Pure. */

import { namesOfRole } from '../../core/results/arms.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { formatCores, formatEstimate } from '../../core/text/format.ts';
import { markdownTable } from '../../core/text/markdown.ts';
import { buildView } from '../../reports/view/view.ts';
import { code } from './blocks.ts';

/** The baseline, then the two main schemes: through their plugins, and hand-tuned. */
const SHOWN = ['none', 'jwt-hs256', 'session-redis', 'jwt-hs256-lean', 'session-redis-lean'];

function tollFigure(run: Run, arm: string, metric: Figure['metric']): Figure | null {
  const matches = (figure: Figure) =>
    figure.experiment === 'toll' &&
    figure.arm === arm &&
    figure.metric === metric &&
    figure.factors.in_flight === STANDARD_IN_FLIGHT;
  return run.figures.find(matches) ?? null;
}

const shown = (figure: Figure | null) => (figure === null ? '–' : formatEstimate(figure));

export function sampleTable(run: Run): string {
  const hasTotals = run.figures.some(({ metric }) => metric === 'total_cpu_ratio_to_baseline');
  const rows = SHOWN.flatMap((name) => {
    const arm = run.arms.find((known) => known.name === name);
    if (arm === undefined) return [];
    const figure = (metric: Figure['metric']) => shown(tollFigure(run, name, metric));
    return [
      [
        `${arm.title} (${code(name)})`,
        figure('total_cpu_us_per_request'),
        figure(hasTotals ? 'total_cpu_ratio_to_baseline' : 'cpu_ratio_to_baseline'),
        figure('redis_cpu_us_per_request'),
      ],
    ];
  });
  const ratio = hasTotals ? '× baseline' : '× baseline, without Redis';
  return markdownTable(['scheme', 'CPU incl. Redis', ratio, 'of which Redis'], rows);
}

/** The figures and their source in short sentences. */
export function sampleSource(run: Run): string {
  const { cpuModel, cores, node, redis } = run.environment;
  const toll = run.experiments.find(({ name }) => name === 'toll');
  const again = run.figures.find(
    ({ experiment, arm, metric }) =>
      experiment === 'toll' && metric === 'cpu_ratio_to_baseline' && isSecondBaseline(run, arm),
  );
  const machine = [
    formatCores(cores),
    cpuModel.replaceAll('(R)', ''),
    `Node ${node}`,
    ...(redis === null ? [] : [redis]),
  ];
  const [answer] = buildView(run).headline;
  return [
    ...(answer === undefined ? [] : [answer.text]),
    `Command: ${code(run.commandLine)}.`,
    `Machine: ${machine.join(', ')}.`,
    ...(toll === undefined ? [] : [`Sample: ${toll.forks} fresh starts, ${toll.blocks} blocks, 95 % intervals.`]),
    ...(again === undefined
      ? []
      : [`Control: a second, identical baseline measured ${formatEstimate(again)} the first.`]),
  ].join('\n');
}

/** Whether an arm is the second baseline of `--aa`. */
function isSecondBaseline(run: Run, name: string | null): boolean {
  return name !== null && namesOfRole(run.arms, 'control').includes(name);
}
