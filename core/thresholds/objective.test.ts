import { describe, expect, it } from 'vitest';
import { objectiveInWords, objectiveOf, parseObjective } from './objective.ts';

describe('an objective', () => {
  it('is read with its units, in whatever order', () => {
    expect(parseObjective('errors<0.1%, p99.9 < 1s,p50<800us')).toEqual({
      latency: [
        { percentile: 50, limitMs: 0.8 },
        { percentile: 99.9, limitMs: 1000 },
      ],
      errorsPercent: 0.1,
    });
    expect(parseObjective('p99<=50ms')).toEqual({ latency: [{ percentile: 99, limitMs: 50 }], errorsPercent: null });
    expect(objectiveInWords(objectiveOf())).toBe('p99 below 50 ms and errors at most 0.1 %');
  });

  it.each([
    ['', 'not a valid clause'],
    ['p99>50ms', 'not a valid clause'],
    ['p99<50', 'not a valid clause'],
    ['p0<50ms', 'the percentile lies above 0'],
    ['p99.99<50ms', 'is at most 99.9'],
    ['p99<0ms', 'the limit lies above 0'],
    ['p99<10m', 'not a valid clause'],
    ['p99<16s', 'at most 15 s'],
    ['errors<101%', 'at most 100 %'],
    ['p99<50ms,p99<20ms', 'p99 has a limit already'],
    ['errors<1%,errors<2%', 'errors have a limit already'],
    ['p50<60ms,p99<50ms', 'contradicts p50 < 60 ms'],
  ])('refuses %j', (text, fault) => {
    expect(parseObjective(text)).toEqual([expect.stringContaining(fault)]);
    expect(() => objectiveOf(text)).toThrow(RangeError);
  });

  it('reports every fault at once', () => {
    expect(parseObjective('p99<0ms,fast,errors<200%')).toHaveLength(3);
  });
});
