/** Entries about published benchmarks are complete, and refer to figures that a replay makes. */
import { describe, expect, it } from 'vitest';
import { sentencesIn } from '../cli/docs/testing/prose.ts';
import { FINDINGS } from './finding.ts';
import { PUBLISHED, replaysOf } from './registry.ts';
import { REPLAYS } from './replays/registry.ts';

describe.each(PUBLISHED.map((one) => [one.name, one] as const))('%s', (_name, one) => {
  it('has a source that can be opened, figures, and a lesson of two sentences', () => {
    expect(new URL(one.address).protocol).toBe('https:');
    expect(one.version).not.toBe('');
    expect(one.figures.length).toBeGreaterThan(0);
    for (const { value } of one.figures) expect(value).toBeGreaterThan(0);
    expect(sentencesIn(one.lesson)).toHaveLength(2);
  });

  it('names the figures of its replay, or says why it has none', () => {
    const asked = one.figures.flatMap(({ askedHere }) => (askedHere === undefined ? [] : [askedHere]));
    if ('notReplayed' in one.replay) {
      expect(asked).toEqual([]);
      expect(one.replay.notReplayed).toMatch(/\w.*\.$/);
      return;
    }
    const { finds } = REPLAYS[one.replay.by];
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !finds.includes(name))).toEqual([]);
  });

  it('is compared in the same units', () => {
    for (const { askedHere, unit } of one.figures) {
      if (askedHere !== undefined) expect(FINDINGS[askedHere].unit).toBe(unit);
    }
  });
});

it('there are at least eight, some of which find the session ahead, with distinct names', () => {
  expect(PUBLISHED.length).toBeGreaterThanOrEqual(8);
  expect(new Set(PUBLISHED.map(({ name }) => name)).size).toBe(PUBLISHED.length);
  expect(PUBLISHED.filter(({ winner }) => winner === 'session').length).toBeGreaterThan(1);
  expect(PUBLISHED.filter(({ winner }) => winner === 'token').length).toBeGreaterThan(1);
});

it('every replay is used, and every figure comes from one replay', () => {
  expect(replaysOf(PUBLISHED).toSorted()).toEqual(Object.keys(REPLAYS).toSorted());
  const made = Object.values(REPLAYS).flatMap(({ finds }) => finds);
  expect(made.toSorted()).toEqual(Object.keys(FINDINGS).toSorted());
});
