/** Figures of `chain`, for tests of the report. */
import type { Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';
import { figure } from './figure.ts';

/** arm, where its checks are made, toll of the first hop and of each further one, µs. */
const CHECKED = [
  ['session-redis', 'edge', 74, 9],
  ['session-redis', 'every-hop', 74, 72],
  ['session-redis', 'auth-service', 171, 168],
  ['jwt-hs256', 'edge', 22, 9],
  ['jwt-hs256', 'every-hop', 22, 21],
] as const;

const HOPS = [1, 2, 3] as const;

/** Of the chain with its own edge, and of the one with services that each ask the authorization server. */
const EDGE = ['phantom-token', 'every-hop', 210, 90] as const;
const ASKED = ['opaque-introspection', 'every-hop', 160, 150] as const;

/** The arm whose services each verify its credential, and what that costs per further hop, µs. */
const [AGAINST, , , AGAINST_US] = CHECKED[4];

export function chainRows(): Figure[] {
  const experiment = 'chain';
  const none = HOPS.flatMap((hops) => [
    figure('none', 'chain_cpu_us', 33 + 80 * (hops - 1), { experiment, factors: { hops } }),
    figure('none', 'chain_latency_us', 130 + 210 * (hops - 1), { experiment, factors: { hops } }),
  ]);
  const differences = CHECKED.slice(0, 4).map(([arm, checks, , further]) =>
    figure(arm, 'chain_difference_per_hop_us', further - AGAINST_US, {
      experiment,
      factors: { against: AGAINST, checks },
    }),
  );
  return [...none, ...checkedRows(CHECKED), ...differences];
}

type Checked = readonly [arm: string, checks: string, first: number, further: number];

function checkedRows(chains: readonly Checked[]): Figure[] {
  const experiment = 'chain';
  return chains.flatMap(([arm, checks, first, further]) => {
    const one = (metric: Metric, value: number, factors: Factors = {}, spread = 0.04) =>
      figure(arm, metric, value, { experiment, factors: { checks, ...factors }, spread });
    const tollAt = (hops: number) => first + further * (hops - 1);
    return [
      ...HOPS.flatMap((hops) => {
        const without = 33 + 80 * (hops - 1);
        return [
          one('chain_cpu_us', without + tollAt(hops), { hops }),
          one('chain_toll_us', tollAt(hops), { hops }),
          one('chain_ratio', 1 + tollAt(hops) / without, { hops }),
          one('chain_latency_us', 130 + 210 * (hops - 1) + 2 * tollAt(hops), { hops }),
          one('chain_latency_toll_us', 2 * tollAt(hops), { hops }, 0.1),
        ];
      }),
      one('chain_toll_per_hop_us', further),
      { ...one('chain_toll_bend_us', 0), low: -3, high: 3 },
      ...Array.from({ length: 10 }, (_, i) => ({
        ...one('model_chain_toll_us', tollAt(i + 1), { hops: i + 1, model: 'line' }, 0.07),
        source: 'model' as const,
      })),
    ];
  });
}

/** An edge that exchanges tokens, and services that each ask; without the baseline's figures. */
export function edgeRows(): Figure[] {
  const [edge, checks, first, further] = EDGE;
  const [against, , firstAsked, furtherAsked] = ASKED;
  const one = (metric: Metric, value: number, factors: Factors, spread: number) =>
    figure(edge, metric, value, { experiment: 'chain', factors: { against, checks, ...factors }, spread });
  const [more, saved] = [first - firstAsked, furtherAsked - further];
  return [
    ...checkedRows([EDGE, ASKED]),
    ...HOPS.map((hops) => one('chain_difference_us', more - saved * (hops - 1), { hops }, 0.1)),
    { ...one('chain_break_even_services', 1 + more / saved, { model: 'line' }, 0.05), source: 'model' },
  ];
}
