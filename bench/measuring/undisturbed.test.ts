import { describe, expect, it } from 'vitest';
import type { Flag } from '../../core/results/flags.ts';
import { testSlice } from '../testing/slices.ts';
import { undisturbed } from './undisturbed.ts';

describe('slices of a cell', () => {
  const of = (fork: number, block: number, ...flags: Flag[]) =>
    testSlice({ experiment: 'latency', arm: 'none', mode: 'open', fork, block, flags });

  it('that were disturbed by the machine or the generator are dropped if the same fork has others', () => {
    const calm = [of(0, 1), of(1, 0)];
    const stalled = of(0, 0, 'machine-stalled');
    const saturated = of(1, 1, 'generator-saturated', 'rate-missed');
    expect(undisturbed([stalled, ...calm, saturated])).toEqual(calm);
  });

  it('are all kept if the fork has no undisturbed one', () => {
    const both = [of(0, 0, 'cpu-stolen'), of(0, 1, 'machine-stalled')];
    expect(undisturbed([...both, of(1, 0)])).toEqual([...both, of(1, 0)]);
  });

  it('are never dropped for something that the server may have caused', () => {
    const slow = [of(0, 0, 'rate-missed'), of(0, 1, 'unexpected-responses'), of(0, 2, 'oversubscribed'), of(0, 3)];
    expect(undisturbed(slow)).toEqual(slow);
  });
});
