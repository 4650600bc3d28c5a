/**
 * Counters that a store keeps of its own work, for stores that are not Tollgate's own: read before and after a load.
 */
import type { Measures } from '../../core/results/measures.ts';

export interface StoreCounters {
  /** Waits until the counters hold all that was asked so far; what the store reports late is not lost then. */
  settled(signal: AbortSignal): Promise<void>;
  /** Counts since an arbitrary moment: only differences have a meaning. */
  read(): Promise<Measures>;
  /** How often they may be read: each time costs as long as the store reports late. */
  readonly when: 'each-fork' | 'first-fork';
}
