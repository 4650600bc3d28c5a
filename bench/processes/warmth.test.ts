import { describe, expect, it } from 'vitest';
import curves from './testing/warm-up-curves.json' with { type: 'json' };
import { OPTIMISED_REQUESTS } from './v8-flags.ts';
import { helperShare, STRETCH_REQUESTS, type Stretch, warmthOf } from './warmth.ts';

/**
 * Servers of these arms from their first request on: CPU time for every 500 requests, of which the first 15,000 were
 * pipelined.
 */
const recorded = Object.entries(curves).map(([arm, { mainUs, helpersUs }]) => ({
  arm,
  stretches: mainUs.map((us, i): Stretch => ({ mainNs: us * 1000, helpersNs: (helpersUs[i] ?? 0) * 1000 })),
}));
const PIPELINED = 15_000 / STRETCH_REQUESTS;

/** The number of requests after which these stretches are warm; null if they never are. */
function warmAt(stretches: readonly Stretch[], from: number): number | null {
  for (let end = from + 1; end <= stretches.length; end++) {
    if (warmthOf(stretches.slice(from, end)).isWarm) return end * STRETCH_REQUESTS;
  }
  return null;
}

const stretches = (...each: readonly (readonly [main: number, helpers: number])[]): Stretch[] =>
  each.map(([mainNs, helpersNs]) => ({ mainNs, helpersNs }));
const same = (count: number, main: number, helpers: number) =>
  stretches(...Array.from({ length: count }, () => [main, helpers] as const));

describe('the share of the helper threads', () => {
  it('is relative to the main thread’s time, and may exceed it', () => {
    expect(helperShare({ mainNs: 200, helpersNs: 50 })).toBe(0.25);
    expect(helperShare({ mainNs: 100, helpersNs: 300 })).toBe(3);
    expect(helperShare({ mainNs: 0, helpersNs: 0 })).toBe(0);
    expect(helperShare({ mainNs: 0, helpersNs: 1 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('is taken over the last three stretches together', () => {
    const { helperShare: share, mainNsPerStretch } = warmthOf(
      stretches([900, 900], [100, 90], [200, 0], [300, 0], [400, 45]),
    );
    expect(share).toBeCloseTo(0.05);
    expect(mainNsPerStretch).toBe(300);
  });
});

describe('a server', () => {
  it('is not judged before there is something to compare with', () => {
    expect(warmthOf([]).isWarm).toBe(false);
    expect(warmthOf(same(5, 100, 0)).isWarm).toBe(false);
    expect(warmthOf(same(6, 100, 0)).isWarm).toBe(true);
  });

  it('is warm when its helpers are quiet, whatever they did before', () => {
    expect(warmthOf([...same(3, 100, 300), ...same(3, 100, 1)]).isWarm).toBe(true);
    expect(warmthOf([...same(3, 100, 300), ...same(3, 100, 3)]).isWarm).toBe(false);
  });

  it('is warm when its helpers use a steady, small share', () => {
    expect(warmthOf(same(6, 100, 10)).isWarm).toBe(true);
    expect(warmthOf([...same(3, 100, 4), ...same(3, 100, 10)]).isWarm).toBe(false);
    expect(warmthOf([...same(3, 100, 10), ...same(3, 100, 4)]).isWarm).toBe(false);
  });

  it('is not warm while its helpers work as much as a compiler does, however steadily', () => {
    expect(warmthOf(same(60, 100, 50)).isWarm).toBe(false);
    expect(warmthOf(same(60, 100, 400)).isWarm).toBe(false);
  });

  it('is not warm after a burst that three quiet stretches do not follow', () => {
    expect(warmthOf([...same(5, 100, 5), ...stretches([100, 45])]).isWarm).toBe(false);
  });

  it('is not warm while its main thread’s cost falls', () => {
    expect(warmthOf([...same(3, 100, 0), ...same(3, 85, 0)]).isWarm).toBe(false);
    expect(warmthOf([...same(3, 100, 0), ...same(3, 95, 0)]).isWarm).toBe(true);
    expect(warmthOf([...same(3, 100, 0), ...same(3, 130, 0)]).isWarm).toBe(true);
  });
});

describe('on recorded curves', () => {
  it.each(recorded)('$arm is warm beyond its last large optimisation, within 26,000 requests', ({ stretches: all }) => {
    const last = all.findLastIndex((stretch) => helperShare(stretch) > 1);
    // V8's last optimisation of a route comes after the minimum less what it takes to see it.
    expect((last + 1) * STRETCH_REQUESTS).toBeGreaterThan(15_000);
    const at = warmAt(all, PIPELINED);
    expect(at).toBeGreaterThan((last + 1) * STRETCH_REQUESTS);
    expect(at).toBeGreaterThanOrEqual(OPTIMISED_REQUESTS.byDefault);
  });

  it('the rule alone would end in the lull before that, so it needs a minimum', () => {
    const early = recorded.map(({ stretches: all }) => warmAt(all.slice(0, PIPELINED), 0)).filter((at) => at !== null);
    expect(early.length).toBeGreaterThanOrEqual(3);
    for (const at of early) expect(at).toBeLessThan(OPTIMISED_REQUESTS.byDefault);
  });

  it('the helpers of an arm that always collects garbage are never quiet for long, and it is warm all the same', () => {
    const session = recorded.find(({ arm }) => arm === 'session-redis')?.stretches ?? [];
    const end = session.slice(-15);
    expect(warmthOf(end).isWarm).toBe(true);
    const total = end.reduce((sum, one) => sum + one.helpersNs, 0) / end.reduce((sum, one) => sum + one.mainNs, 0);
    expect(total).toBeGreaterThan(0.04);
  });
});
