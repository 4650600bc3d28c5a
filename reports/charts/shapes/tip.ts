/** The tooltip of a mark: its figure with interval and flags. */
import { FLAGS } from '../../../core/results/flags.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { FLAG_MARK } from '../../../core/text/flags.ts';
import { formatEstimate } from '../../../core/text/format.ts';

/** `jwt-hs256, 4 replicas: 2,140 req/s [2,010–2,260] †one fresh start only` */
export function tipOf(what: string, ...figures: readonly Figure[]): string {
  const flags = [...new Set(figures.flatMap((figure) => figure.flags))].map((flag) => FLAGS[flag].title);
  const marks = flags.length === 0 ? '' : ` ${FLAG_MARK}${flags.join(', ')}`;
  return `${what}: ${figures.map(formatEstimate).join('; ')}${marks}`;
}
