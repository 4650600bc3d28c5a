import { expect, test } from 'vitest';
import { armsTable } from '../../exporters/terminal/arms.ts';
import { figure } from '../../testing/figure.ts';
import { PLAIN, viewOf } from '../../testing/output.ts';
import { tollDetails } from './toll.ts';

const costs = [figure('none', 'cpu_us_per_request', 14), figure('session-redis', 'cpu_us_per_request', 55)];
const cold = [
  figure('session-redis', 'cold_turn_us', 340),
  figure('none', 'cold_turn_us', 250, { flags: ['one-fork'] }),
];

test('the cold-start cost is in the details of the toll, arm by arm, with its flags', () => {
  const markup = tollDetails(viewOf([...costs, ...cold]))?.markup ?? '';
  expect(markup).toMatch(/none.*250.*flag-one-fork.*session-redis.*340/s);
  expect(tollDetails(viewOf(costs))).toBeNull();
});

test('the terminal states it in one sentence, and omits it if it was not measured', () => {
  const told = (figures: typeof costs) => armsTable(viewOf(figures), PLAIN).join(' ').replaceAll(/\s+/g, ' ');
  expect(told([...costs, ...cold])).toContain(
    'Returning to a cold cache adds a one-time cost to the above: from 250 µs (none) to 340 µs (session-redis).',
  );
  const noise = figure('none', 'cold_turn_us', -30, { spread: 9 });
  expect(told([...costs, noise])).toContain('is unknown: the intervals contain 0.');
  expect(told([...costs, ...cold.slice(0, 1), noise])).toContain('to the above: 340 µs (session-redis).');
  expect(told(costs)).not.toMatch(/coming back/i);
});
