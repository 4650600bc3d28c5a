/** The description of a metric. */
import type { PairedQuotient, Quotient } from '../quotients/quotient.ts';

export interface MetricInfo {
  readonly unit: string;
  readonly better: 'smaller' | 'bigger' | 'neither';
  readonly meaning: string;
  readonly quotient?: Quotient;
  /** Alternative definitions of the same metric, by the name that a factor of the figure has. */
  readonly variants?: Readonly<Record<string, Quotient>>;
  /** The comparison, within blocks, of another metric's quotient. */
  readonly paired?: PairedQuotient;
}
