import { expect, it } from 'vitest';
import { readPrecisionOptions } from './precision.ts';

const read = (values: Record<string, string>, ...switches: string[]) => {
  const faults: string[] = [];
  return { options: readPrecisionOptions({ values, switches: new Set(switches), faults }), faults };
};

it('measures the usual rows, and the long ones only on request', () => {
  const usual = read({}).options.rows;
  expect(usual).not.toContain('long');
  expect(usual).not.toContain('aa');
  expect(usual.filter((row) => row.startsWith('planted'))).toEqual([]);
  expect(read({ rows: 'start' }, 'planted').options.rows).toEqual(['start', 'planted-low', 'planted-high']);
  expect(read({ 'aa-runs': '2' }, 'long').options.rows).toEqual([...usual, 'long', 'aa']);
  expect(read({ rows: 'start' }, 'long').options.rows).toEqual(['start', 'long']);
});

it('reports every fault', () => {
  const { faults } = read({ rows: 'aa', only: 'both', runs: '0', budget: 'soon' });
  expect(faults).toHaveLength(4);
  expect(faults.join('\n')).toMatch(/--aa-runs.*\n.*--only.*\n.*--runs.*\n.*--budget/);
});
