import { expect, it } from 'vitest';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { Figure } from '../../core/results/schema.ts';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { type Finding, frameworksPage } from './table.ts';

const run = sampleRun();
const [known] = run.figures.filter(({ metric, experiment }) => metric === 'cpu_toll_us' && experiment === 'toll');
if (known === undefined) throw new Error('the sample has no toll');
const figure = (metric: Figure['metric'], change: Partial<Figure>): Figure => ({
  ...known,
  arm: 'shop',
  metric,
  ...change,
});

const outcome = (check: number, verdict: 'pass' | 'fail' | 'not-applicable', detail = '') => {
  return { check, verdict, detail, durationMs: 1 };
};
const gate: GateResult = {
  schemaVersion: 1,
  startedAt: run.startedAt,
  durationMs: 1,
  quick: false,
  checks: [{ id: 39, name: 'authenticated replies are not cached', family: 'x', refs: [] }],
  arms: [
    {
      arm: 'shop',
      title: 'Shop',
      outcomes: [outcome(20, 'pass'), outcome(39, 'fail', 'a reply | of <all>'), outcome(61, 'not-applicable')],
    },
  ],
};

function rowOf(figures: readonly Figure[], store: string | null): string[] {
  const finding: Finding = {
    ...{ name: 'shop', title: 'Shop', folder: 'shop', versions: { express: '5.3.0' }, runtime: 'Node 26.10.0' },
    ...{ revocation: 'at once', gate, store, run: { ...run, figures: [...figures] } },
  };
  const page = frameworksPage([finding], 0.5);
  expect(page).toContain('- shop: Node 26.10.0, express 5.3.0');
  expect(page).toContain('a reply \\| of &lt;all&gt;');
  expect(page).not.toContain('other programs used the machine');
  const row = page.split('\n').find((line) => line.startsWith('| [Shop]')) ?? '';
  return row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
}

it('shows for each figure what was measured, and what was not', () => {
  const toll = figure('cpu_toll_us', { value: 12.34, low: 11, high: 13.6, blocks: 9 });
  const own = figure('cpu_own_toll_us', { value: 5, low: 5, high: 5, blocks: 1 });
  const commands = figure('redis_commands_per_request', { value: 2, low: 2, high: 2, blocks: 9 });
  const [, ...cells] = rowOf([toll, own, commands], 'Redis');
  const gateCell = '1 of 2 passed; fails 39';
  expect(cells).toEqual(['12 [11–14]', '5 (one block)', '2.0 (Redis)', 'not measured', 'at once', gateCell]);
  expect(rowOf([commands], 'SQLite').slice(1, 4)).toEqual(['not measured', 'not measured', 'not measured (SQLite)']);
  expect(rowOf([commands], null)[3]).toBe('none');
});
