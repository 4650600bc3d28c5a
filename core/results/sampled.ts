/** Whether a figure was sampled, and so may be off by chance, or counted. */
import type { Figure } from './schema.ts';

/** Units of sampled quantities; any other unit is counted, and one count is as good as many. */
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

/** One block says nothing of how far it may be off: its interval has no width, and would part what nothing parts. */
export function isLoneSample({ blocks, low, high, unit, source }: Figure): boolean {
  return source === 'measured' && blocks <= 1 && low === high && isSampledUnit(unit);
}

/** Whether observation ended before what was waited for: the figure is then the least that it took. */
export const isLowerBound = ({ flags }: Pick<Figure, 'flags'>) => flags.includes('still-broken');

/**
 * Whether a revocation had no lag: no request that was sent after it was acknowledged was accepted, and from some moment on all
 * were refused. One that was answered with errors all the time was neither.
 */
export const endsAtOnce = (lag: Pick<Figure, 'low' | 'flags'>) => lag.low === 0 && !isLowerBound(lag);
