import { expect, it } from 'vitest';
import { type WrkBlock, wrkResult, wrkText } from './result.ts';

const block = (changes: Partial<WrkBlock> = {}): WrkBlock => ({
  rates: { value: 48_000, baseline: 50_000 },
  generatorUs: 9,
  wrkUs: 6,
  serverUs: 14,
  flags: [],
  ...changes,
});

it('is the paired ratio, with the CPU time of all three', () => {
  const result = wrkResult([[block(), block()], [block()]], 1);
  expect(result.ratio.value).toBeCloseTo(0.96, 9);
  expect(result).toMatchObject({
    cpuUs: { closedLoop: 9, wrk: 6, server: 14 },
    flagged: {},
    blocks: 3,
    isGeneratorLimited: false,
  });
  expect(wrkText(result)).toMatch(
    /^closed loop \/ wrk: 0\.96.*\nCPU time .*closed loop 9\.0 µs, wrk 6\.0 µs, server 14\.0 µs$/,
  );
});

it('reports if the generator is the limit, both as a flag and in words', () => {
  const saturated = block({ flags: ['generator-saturated'] });
  const most = wrkResult([[saturated, saturated, block()]], 1);
  expect(most).toMatchObject({ flagged: { 'generator-saturated': 2 }, isGeneratorLimited: true });
  expect(wrkText(most)).toContain('limited by the closed loop itself');
  expect(wrkText(most)).toContain('no time left in 2 of 3 blocks');
  const few = wrkText(wrkResult([[saturated, block(), block({ flags: ['oversubscribed'] })]], 1));
  expect(few).not.toContain('limited by');
  expect(few).toContain('no time left in 1 of 3 blocks');
  expect(few).toContain('all cores in 1 of 3 blocks');
});

it('has a CPU time only if it was read', () => {
  expect(wrkText(wrkResult([[block({ wrkUs: null, serverUs: null })]], 1))).toContain('wrk unknown, server unknown');
});
