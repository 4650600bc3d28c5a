/** Throughput of fleets, arm against arm in the same blocks. Pure. */
import { referencePair } from '../../core/results/arms.ts';
import { type PairedRatios, pairedRatios } from '../../core/results/paired-ratios.ts';
import type { Run } from '../../core/results/schema.ts';
import { factorNumber, figuresOf, hasArm } from './figures.ts';
import { isPlain } from './scale-figures.ts';

/** The largest measured fleet; null if no fleet has two replicas. */
export function replicasCompared(run: Run): number | null {
  const sizes = figuresOf(run, 'scale', 'throughput_rps')
    .filter((figure) => hasArm(figure) && isPlain(figure))
    .map((figure) => factorNumber(figure, 'replicas') ?? 0);
  const most = Math.max(0, ...sizes);
  return most > 1 ? most : null;
}

/** Every pair of arms at one size of fleet with otherwise equal factors; null if none were compared in pairs. */
export function throughputPairs(run: Run, replicas: number): PairedRatios | null {
  return pairedRatios(
    run.figures.filter(
      ({ experiment, metric, factors }) =>
        experiment === 'scale' &&
        metric === 'throughput_ratio_to_arm' &&
        factors.replicas === replicas &&
        Object.keys(factors).every((name) => name === 'replicas' || name === 'against'),
    ),
    { planned: referencePair(run.arms) },
  );
}
