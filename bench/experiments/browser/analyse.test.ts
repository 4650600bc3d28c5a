import { describe, expect, it } from 'vitest';
import type { Factors, Slice } from '../../../core/results/schema.ts';
import { testContext } from '../../testing/slices.ts';
import { analyseBrowser } from './analyse.ts';

const analyse = (slices: readonly Slice[]) => analyseBrowser(slices, testContext);

function trial(fork: number, factors: Factors, measures: Record<string, number>): Slice {
  return {
    kind: 'slice',
    experiment: 'browser',
    fork,
    block: 0,
    order: 0,
    arm: 'session-redis',
    factors,
    mode: 'trial',
    durationMs: 10,
    requests: 1,
    unexpected: 0,
    failed: 0,
    statuses: {},
    measures,
    flags: [],
  };
}

const cell = { attack: 'form-post', same_site: 'lax' };

describe('trials in a browser', () => {
  it('become counted shares, one for each cell', () => {
    const figures = analyse([
      trial(0, { ...cell, stopped_by: 'SameSite' }, { succeeded: 0, credential_sent: 0 }),
      trial(1, { ...cell, stopped_by: 'SameSite' }, { succeeded: 0, credential_sent: 0 }),
      trial(0, { ...cell, same_site: 'none', stopped_by: 'nothing' }, { succeeded: 1, credential_sent: 1 }),
    ]);
    const attacks = figures.filter(({ metric }) => metric === 'attack_succeeded');
    expect(
      attacks.map(({ value, low, high, blocks, forks, factors }) => [value, low, high, blocks, forks, factors]),
    ).toEqual([
      [0, 0, 0, 2, 2, { ...cell, stopped_by: 'SameSite' }],
      [1, 1, 1, 1, 1, { ...cell, same_site: 'none', stopped_by: 'nothing' }],
    ]);
    expect(
      figures.filter(({ metric }) => metric === 'credential_sent').map(({ value, factors }) => [value, factors]),
    ).toEqual([
      [0, cell],
      [1, { ...cell, same_site: 'none' }],
    ]);
  });

  it('with different outcomes remain one figure, which names both', () => {
    const figures = analyse([
      trial(0, { ...cell, stopped_by: 'SameSite' }, { succeeded: 0 }),
      trial(1, { ...cell, stopped_by: 'nothing' }, { succeeded: 1 }),
    ]);
    expect(figures).toHaveLength(1);
    expect(figures[0]).toMatchObject({ value: 0.5, factors: { ...cell, stopped_by: 'SameSite or nothing' } });
  });

  it('of honest pages are separate figures', () => {
    const figures = analyse([
      trial(0, { credential: 'cookie', cors: 'listed' }, { cross_origin_works: 1 }),
      trial(0, { credential: 'cookie' }, { plain_client_works: 0 }),
    ]);
    expect(figures.map(({ metric, value }) => [metric, value])).toEqual([
      ['cross_origin_works', 1],
      ['plain_client_works', 0],
    ]);
  });

  it('that were not made give no figure', () => {
    expect(analyse([])).toEqual([]);
  });
});
