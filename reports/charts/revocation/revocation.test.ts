import { expect, test } from 'vitest';
import { formatDuration, THIN } from '../../../core/text/format.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { WIDE } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { armLags } from './figures.ts';
import { revocationChart } from './revocation.ts';

const lag = (arm: string, value: number, factors: Record<string, string>) =>
  figure(arm, 'revocation_lag_ms', value, {
    experiment: 'revocation',
    factors: { kind: 'logout', operation: 'read', quantile: 'max', settings: 'deployed', ...factors },
  });

const viewOf = (figures: ReturnType<typeof figure>[]) => buildView({ ...sampleRun(), figures });

test('durations are shown in their usual unit', () => {
  expect([0, 4.26, 999, 1_240, 90_000, 900_000, 43_200_000].map(formatDuration)).toEqual(
    ['0 ms', '4.3 ms', '999 ms', '1.2 s', '1.5 min', '15 min', '12 h'].map((text) => text.replace(' ', THIN)),
  );
});

test('the slowest way to end a credential counts, and shortened lifetimes do not', () => {
  const view = viewOf([
    lag('session-redis', 0, {}),
    lag('jwt-hs256', 500_000, {}),
    lag('jwt-hs256', 800_000, { kind: 'disable' }),
    lag('jwt-hs256', 2_900_000, { settings: 'shortened' }),
  ]);
  expect(armLags(view).map(({ arm, max }) => [arm, max.value])).toEqual([
    ['session-redis', 0],
    ['jwt-hs256', 800_000],
  ]);
});

test('it distinguishes arms that refuse at once, that do not, and that check critical operations', () => {
  const sentence = revocationChart.sentence(
    viewOf([
      lag('session-redis', 0, {}),
      lag('hybrid', 800_000, {}),
      lag('hybrid', 0, { operation: 'critical' }),
      lag('jwt-hs256', 840_000, {}),
      lag('jwt-hs256', 830_000, { operation: 'critical' }),
    ]),
  );
  expect(sentence).toContain('session-redis refused a revoked credential at once');
  expect(sentence).toContain(`the longest time still accepted: hybrid (13${THIN}min) and jwt-hs256 (14${THIN}min)`);
  expect(sentence).toMatch(/hybrid refused critical operations at once\.$/);
});

test('the cost is shown with the lag only if it was measured', async () => {
  const text = (figures: ReturnType<typeof figure>[]) => {
    const drawing = revocationChart.draw(viewOf(figures), WIDE);
    return drawing === null ? '' : renderChart(drawing, revocationChart.title);
  };
  expect(await text([lag('jwt-hs256', 5, {})])).not.toContain('CPU toll');
  expect(await text([lag('jwt-hs256', 5, {}), figure('jwt-hs256', 'cpu_toll_us', 21)])).toContain('CPU toll');
});
