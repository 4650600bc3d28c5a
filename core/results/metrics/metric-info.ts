/** The description that every metric has. */
import type { PairedQuotient, Quotient } from '../quotient.ts';

export interface MetricInfo {
  readonly unit: string;
  readonly better: 'smaller' | 'bigger' | 'neither';
  readonly meaning: string;
  readonly quotient?: Quotient;
  /** Other ways to the same metric, each by the name that a factor of the figure gives it. */
  readonly variants?: Readonly<Record<string, Quotient>>;
  /** The comparison, within blocks, of the quotient that another metric declares. */
  readonly paired?: PairedQuotient;
}
