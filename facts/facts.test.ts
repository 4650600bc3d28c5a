import { describe, expect, it } from 'vitest';
import { checkSource, digits, printedTo } from './fact.ts';
import { SOURCES } from './registry.ts';

describe.each(SOURCES.map((source) => [`${source.subject}: ${source.source}`, source] as const))('%s', (_, source) => {
  const { results } = checkSource(source);

  it.each(results.map((result) => [result.what, result] as const))('%s', (_what, { holds, ours, published }) => {
    expect({ holds, ours, published }).toMatchObject({ holds: true });
  });
});

describe('the score', () => {
  const numberFact = (published: number, ours: number) =>
    checkSource({
      subject: 'x',
      source: 'y',
      facts: [{ what: 'z', published, tolerance: printedTo(2), ours: () => ours }],
    }).results[0];

  it('is half a unit of the last printed digit', () => {
    expect(numberFact(0.17, 0.1749)?.holds).toBe(true);
    expect(numberFact(0.17, 0.1751)?.holds).toBe(false);
    expect(digits(12341, 5)).toBeCloseTo(0.5, 6);
    expect(digits(7.690945e-4, 7)).toBeCloseTo(5e-11, 14);
  });

  it('fails NaN, and an accepted input that should be refused', () => {
    expect(numberFact(1, Number.NaN)?.holds).toBe(false);
    const [result] = checkSource({
      subject: 'x',
      source: 'y',
      facts: [{ what: 'z', published: 'refused', ours: () => 'accepted' }],
    }).results;
    expect(result?.holds).toBe(false);
  });
});
