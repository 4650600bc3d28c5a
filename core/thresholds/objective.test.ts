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
    ['', 'a clause is empty'],
    ['p99<50ms,', 'a clause is empty'],
    [`p99<50ms${' '.repeat(200)}`, 'it has 208 characters'],
    ['errors<1', 'not a valid clause'],
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
    ['p50<60ms,p99<50ms', 'p50 < 60 ms adds nothing to p99 < 50 ms'],
    ['p50<50ms,p99<50ms', 'p50 < 50 ms adds nothing to p99 < 50 ms'],
  ])('refuses %j', (text, fault) => {
    expect(parseObjective(text)).toEqual([expect.stringContaining(fault)]);
    expect(() => objectiveOf(text)).toThrow(RangeError);
  });

  it('is read exactly, whatever the unit', () => {
    expect(objectiveInWords(objectiveOf('p99<2300us'))).toBe('p99 below 2.3 ms');
    expect(objectiveInWords(objectiveOf('p99<1.005s'))).toBe('p99 below 1005 ms');
    expect(parseObjective('p50<2300us,p99<2.4ms')).toMatchObject({ latency: [{ limitMs: 2.3 }, { limitMs: 2.4 }] });
  });

  it('is read in capitals, with ≤, either µ, and no errors at all', () => {
    const usual = { latency: [{ percentile: 99, limitMs: 50 }], errorsPercent: null };
    expect(parseObjective('P99<50MS')).toEqual(usual);
    expect(parseObjective('p99≤50ms')).toEqual(usual);
    expect(parseObjective('p99<50000µs')).toEqual(usual);
    expect(parseObjective('p99<50000μs')).toEqual(usual);
    expect(parseObjective('errors<=0')).toEqual({ latency: [], errorsPercent: 0 });
  });

  it('reports every fault at once', () => {
    expect(parseObjective('p99<0ms,fast,errors<200%')).toHaveLength(3);
  });
});
