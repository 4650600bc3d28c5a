/** What the CPU profiles say, as a table for the terminal. Pure. */
import type { Figure, Run } from '../core/results/schema.ts';
import { table } from './tables.ts';

/** Rows that a terminal has room for. */
const MOST_ROWS = 12;

/** Packages down, arms across: µs of CPU per request, and in brackets what of it is toll. */
export function profileTable(run: Run): string[] {
  const own = run.figures.filter(({ experiment }) => experiment === 'hot-path');
  const costs = own.filter(({ metric }) => metric === 'profile_us');
  if (costs.length === 0) return [];
  const arms = [...new Set(costs.map(({ arm }) => arm ?? ''))];
  const most = [...Map.groupBy(costs, ({ factors }) => String(factors.package))]
    .map(([name, figures]) => ({ name, us: Math.max(...figures.map(({ value }) => value)) }))
    .sort((a, b) => b.us - a.us)
    .map(({ name }) => name);
  const find = (metric: Figure['metric'], arm: string, name?: string) =>
    own.find((one) => one.metric === metric && one.arm === arm && (name === undefined || one.factors.package === name));
  const cell = (arm: string, name: string) => {
    const [cost, toll] = [find('profile_us', arm, name), find('profile_toll_us', arm, name)];
    if (!cost) return '';
    return toll
      ? `${cost.value.toFixed(1)} (${toll.value < 0 ? '' : '+'}${toll.value.toFixed(1)})`
      : cost.value.toFixed(1);
  };
  const rest = most.slice(MOST_ROWS);
  const sum = (arm: string, names: readonly string[]) =>
    names.reduce((total, name) => total + (find('profile_us', arm, name)?.value ?? 0), 0).toFixed(1);
  const overhead = (arm: string) => {
    const found = find('profiler_overhead_pct', arm);
    return found ? `${found.value.toFixed(0)} %` : '';
  };
  return [
    'CPU profile: µs per request by package (of it toll); intervals in the report',
    ...table([
      ['package', ...arms],
      ...most.slice(0, MOST_ROWS).map((name) => [name, ...arms.map((arm) => cell(arm, name))]),
      ...(rest.length === 0 ? [] : [[`${rest.length} smaller ones`, ...arms.map((arm) => sum(arm, rest))]]),
      ['sum', ...arms.map((arm) => sum(arm, most))],
      ['(profiler’s own cost, not included)', ...arms.map(overhead)],
    ]).map((line) => `  ${line}`),
  ];
}
