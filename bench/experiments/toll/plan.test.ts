import { expect, it } from 'vitest';
import { armInfo } from '../../testing/arm-info.ts';
import { testHeader } from '../../testing/slices.ts';
import { TOLL_PLANS, tollFleets } from './plan.ts';

const arms = [armInfo('none', { baseline: true }), armInfo('a'), armInfo('b')];
const named = (aa: boolean) =>
  tollFleets({ arms, config: { ...testHeader.config, aa } }, TOLL_PLANS.quick).map(({ spec, arm, process }) => [
    spec.key,
    arm,
    process,
  ]);

it('has three processes of the baseline and one of every other arm, with distinct keys', () => {
  expect(named(false)).toEqual([
    ['none', 'none', 0],
    ['none 2', 'none', 1],
    ['none 3', 'none', 2],
    ['a', 'a', 0],
    ['b', 'b', 0],
  ]);
});

it('has a second copy of the baseline as a separate arm with --aa', () => {
  expect(named(true)).toEqual([...named(false), ['none-aa', 'none-aa', 0]]);
  const control = tollFleets({ arms, config: { ...testHeader.config, aa: true } }, TOLL_PLANS.quick).at(-1);
  expect(control?.spec.arm.name).toBe('none');
  expect(control?.spec.burnIterations).toBeUndefined();
});

it('slows down only the second baseline if a slowdown is planted', () => {
  const config = { ...testHeader.config, aa: true, plantedIterations: 700 };
  const burns = tollFleets({ arms, config }, TOLL_PLANS.quick).map(({ spec }) => spec.burnIterations);
  expect(burns.filter((burn) => burn !== undefined)).toEqual([700]);
  expect(burns.at(-1)).toBe(700);
});
