import { expect, test } from 'vitest';
import type { Figure } from '../../../core/results/schema.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { WIDE } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { frontier, frontierFleet, frontierSentences } from './frontier.ts';
import { singleLevel, unbeaten } from './frontier-points.ts';

const lag = (arm: string, ms: number): Figure => ({
  ...figure(arm, 'revocation_lag_ms', ms, {
    experiment: 'revocation',
    factors: { kind: 'logout', operation: 'read', quantile: 'max', settings: 'deployed' },
  }),
  high: ms + 5,
});
const cost = (arm: string, times: number) => figure(arm, 'total_cpu_ratio_to_baseline', times);
const pair = (arm: string, against: string, times: number, spread = 0.02) =>
  figure(arm, 'total_cpu_ratio_to_arm', times, { factors: { against }, spread });
const viewOf = (figures: readonly Figure[]) => buildView({ ...sampleRun(), figures: [...figures] });
const names = (figures: readonly Figure[]) => unbeaten(singleLevel(viewOf(figures))).map(({ lag: one }) => one.arm);

const session = [lag('session-redis', 0), cost('session-redis', 3)];
const lean = [lag('session-redis-lean', 0), cost('session-redis-lean', 2)];
const token = [lag('jwt-hs256', 800_000), cost('jwt-hs256', 1.5)];

test('an arm that costs more than another that ends as soon is dominated; one that costs less and ends later is not', () => {
  const pairs = [
    pair('session-redis', 'session-redis-lean', 1.5),
    pair('session-redis', 'jwt-hs256', 2),
    pair('session-redis-lean', 'jwt-hs256', 1.33),
  ];
  expect(names([...session, ...lean, ...token, ...pairs])).toEqual(['jwt-hs256', 'session-redis-lean']);
  expect(frontier.sentence(viewOf([...session, ...lean, ...token, ...pairs]))).toMatch(
    /^On one replica, .* jwt-hs256 \(1\.5.*valid for up to 13.min more\) and session-redis-lean \(2.*ends at once\)\. For each of the others, session-redis, /,
  );
});

test('estimates alone dominate no arm: if no difference in cost was found, both stay', () => {
  expect(names([...session, ...lean, pair('session-redis', 'session-redis-lean', 1.02, 0.05)])).toEqual([
    'session-redis-lean',
    'session-redis',
  ]);
});

test('each arm is drawn once, with intervals in both directions and its figures described', async () => {
  const drawing = frontier.draw(viewOf([...session, ...token, pair('session-redis', 'jwt-hs256', 2)]), WIDE);
  if (drawing === null) throw new Error('there are two arms');
  const markup = await renderChart(drawing, frontier.title);
  expect(markup.match(/data-arm="/g)).toHaveLength(2);
  expect(markup).toMatch(/data-tip="session-redis, longest lag and cost: 0\.0.ms \[0\.0–5\.0\]; 3\.00× \[/);
  expect(frontier.draw(viewOf(session), WIDE)).toBeNull();
});

const fleetPair = (arm: string, against: string, times: number, replicas = 8, spread = 0.02) =>
  figure(arm, 'total_cpu_ratio_to_arm', times, { experiment: 'scale', factors: { against, replicas }, spread });

test('the largest fleet has costs from its own blocks, as multiples of the token’s', () => {
  const fleets = [fleetPair('session-redis', 'jwt-hs256', 1.4), fleetPair('session-redis', 'jwt-hs256', 9, 2)];
  const view = viewOf([...session, ...token, pair('session-redis', 'jwt-hs256', 2), ...fleets]);
  expect(frontierSentences(view)).toEqual([
    expect.stringMatching(/^On one replica, .*: jwt-hs256 \(1\.5.* and session-redis \(3/),
    expect.stringMatching(/^With 8 replicas, .*: jwt-hs256 \(1×.* and session-redis \(1\.4/),
  ]);
  expect(frontierFleet.figures(view)).toHaveLength(3);
  expect(frontierFleet.draw(viewOf([...session, ...token]), WIDE)).toBeNull();
});

test('if no two arms are known to differ in cost, none is named', () => {
  const same = [...session, ...lean, pair('session-redis', 'session-redis-lean', 1.01, 0.05)];
  expect(frontierSentences(viewOf(same))).toEqual([]);
  expect(frontier.sentence(viewOf(same))).toMatch(/^No two arms with both/);
});
