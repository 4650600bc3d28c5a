/** The number of services from which an edge that exchanges credentials pays off, in words. Pure. */
import { MOST_SERVICES } from '../results/metrics/chain.ts';
import type { Interval } from '../stats/interval.ts';
import { formatEstimate, type Measurement } from './format.ts';

export interface BreakEven {
  /** The arm with the edge. */
  readonly edge: string;
  /** The arm that asks the authorization server at every service. */
  readonly against: string;
  /** In services; null if there is none within the range of the line. */
  readonly found: Measurement | null;
  /** The largest number of services measured. */
  readonly measured: number;
}

/** The first number of services at which the edge certainly costs less. */
export function paysFrom({ high }: Pick<Interval, 'high'>): number {
  return high <= 1 ? 1 : Math.min(MOST_SERVICES, Math.floor(high) + 1);
}

/** Whether that number exceeds the measured ones, so that it is extrapolated. */
export const isExtrapolated = ({ found, measured }: BreakEven) => found !== null && paysFrom(found) > measured;

/**
 * `a costs less than b at every hop from 3 services on; they break even at 2.4 [2.1–2.8] services.`, or that no such number
 * was found.
 */
export function breakEvenSentence(breakEven: BreakEven): string {
  const { edge, against, found, measured } = breakEven;
  if (found === null)
    return `No number of services up to ${MOST_SERVICES} was found from which ${edge} costs less than ${against} at every hop.`;
  const from = paysFrom(found);
  const beginning = `${edge} costs less than ${against} at every hop`;
  if (from === 1) return `${beginning} from the first service on.`;
  const beyond = isExtrapolated(breakEven) ? `, by the line beyond the ${measured} that were measured` : '';
  return `${beginning} from ${from} services on${beyond}; they break even at ${formatEstimate(found)}.`;
}
