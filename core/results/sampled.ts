/** Whether a figure was sampled, and so has sampling error, or was counted. */
import type { Figure } from './schema.ts';

/** Units of sampled quantities. All others are counted, and one count is as good as many. */
const SAMPLED: readonly string[] = [
  'ns',
  'µs',
  'ms',
  's',
  '×',
  '%',
  '% of one core',
  'req/s',
  'req/s per core',
  'op/s',
];

export const isSampledUnit = (unit: string) => SAMPLED.includes(unit);

/**
 * One block does not show how far it may be off: its interval has no width, and would suggest differences that are
 * not known.
 */
export function isLoneSample({ blocks, low, high, unit, source }: Figure): boolean {
  return source === 'measured' && blocks <= 1 && low === high && isSampledUnit(unit);
}

/** Whether observation ended before the event: the figure is then a lower bound. */
export const isLowerBound = ({ flags }: Pick<Figure, 'flags'>) => flags.includes('still-broken');

/**
 * Whether a revocation had no lag: no request sent after its acknowledgement was accepted, and from some moment on
 * all were refused. A credential that only got errors was neither accepted nor refused.
 */
export const endsAtOnce = (lag: Pick<Figure, 'low' | 'flags'>) => lag.low === 0 && !isLowerBound(lag);
