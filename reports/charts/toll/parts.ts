import { ownRedisCpu } from '../../../core/model/redis-use.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { plainMark } from '../../../core/text/flags.ts';
import { formatEstimate, formatSum } from '../../../core/text/format.ts';
import { quote } from '../../../core/text/sentences.ts';
import { tollFigures } from '../../view/figures.ts';
import { PART_COLOURS } from '../../view/palette.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawStacked } from '../shapes/stacked.ts';
import { NEUTRAL } from '../shapes/theme.ts';
import { tipOf } from '../shapes/tip.ts';

interface Parts {
  readonly arm: string;
  readonly tollFigure: Figure;
  readonly redis: Figure | null;
  /** CPU time of processes other than replicas and Redis. */
  readonly companion: Figure | null;
}

function parts(view: ReportView): Parts[] {
  const commands = tollFigures(view.run, 'redis_commands_per_request');
  const redis = tollFigures(view.run, 'redis_cpu_us_per_request').filter(
    (figure) => ownRedisCpu(figure, commands.find(({ arm }) => arm === figure.arm) ?? null).high > 0,
  );
  const companions = tollFigures(view.run, 'companion_cpu_us_per_request');
  const sum = ({ tollFigure, redis, companion }: Parts) =>
    tollFigure.value + (redis?.value ?? 0) + (companion?.value ?? 0);
  return tollFigures(view.run, 'cpu_toll_us')
    .filter((figure) => figure.arm !== view.baseline?.name)
    .map((figure) => ({
      arm: figure.arm,
      tollFigure: figure,
      redis: redis.find((other) => other.arm === figure.arm) ?? null,
      companion: companions.find((other) => other.arm === figure.arm) ?? null,
    }))
    .sort((a, b) => sum(a) - sum(b));
}

function baselineCpu(view: ReportView): Figure | null {
  return tollFigures(view.run, 'cpu_us_per_request').find((figure) => figure.arm === view.baseline?.name) ?? null;
}

/** Replica and Redis side by side: a session moves part of its cost to another process, a token does not. */
export const tollParts: Chart = {
  id: 'toll-parts',
  title: 'Cost in the replica and in Redis',
  experiment: 'toll',
  appendix: true,
  figures(view) {
    const baseline = baselineCpu(view);
    const rows = parts(view);
    if (baseline === null || rows.length === 0) return [];
    return [
      baseline,
      ...rows.flatMap(({ tollFigure, redis, companion }) =>
        [tollFigure, redis, companion].filter((figure) => figure !== null),
      ),
    ];
  },
  sentence(view) {
    const redis = parts(view).flatMap(({ arm, redis: figure }) =>
      figure !== null && figure.value > 0 ? [{ ...figure, name: arm }] : [],
    );
    const most = redis.sort((a, b) => b.value - a.value)[0];
    if (most === undefined) return 'No arm uses CPU time in Redis: the whole toll is in the replica.';
    const row = parts(view).find(({ arm }) => arm === most.name);
    const beside = row === undefined ? '' : `, in addition to ${formatEstimate(row.tollFigure)} of toll in its replica`;
    const others = redis.length === 1 ? 'One arm uses' : `${redis.length} arms use`;
    return `${others} CPU time in Redis; the largest estimate is ${quote(most)} per request${beside}.`;
  },
  draw(view, canvas) {
    const baseline = baselineCpu(view);
    const rows = parts(view);
    if (baseline === null || rows.length === 0) return null;
    return drawStacked(
      rows.map(({ arm, tollFigure, redis, companion }) => {
        const own = [tollFigure, redis, companion].filter((figure) => figure !== null);
        const total = own.reduce((sum, { value }) => sum + value, baseline.value);
        const text = formatSum(total, [baseline, ...own], 'µs');
        return {
          label: arm,
          text: `${text}${plainMark(...own)}`,
          amounts: [baseline.value, tollFigure.value, redis?.value ?? 0, companion?.value ?? 0],
          tips: [
            tipOf('the baseline', baseline),
            tipOf(`${arm}, toll in the replica`, tollFigure),
            redis === null ? '' : tipOf(`${arm}, in Redis`, redis),
            companion === null ? '' : tipOf(`${arm}, in companion processes`, companion),
          ],
        };
      }),
      [
        { name: 'baseline request', colour: NEUTRAL },
        { name: 'toll in the replica', colour: PART_COLOURS[0] },
        { name: 'CPU in Redis', colour: PART_COLOURS[1] },
        ...(rows.some(({ companion }) => companion !== null)
          ? [{ name: 'CPU in companion processes', colour: PART_COLOURS[2] }]
          : []),
      ],
      canvas,
      'CPU, µs per request',
    );
  },
};
