/** Counters of a store's own work, for stores that Tollgate did not start: read before and after a load. */
import type { Measures } from '../../core/results/measures.ts';

export interface StoreCounters {
  /** Waits until the counters include all work so far, because the store reports with a delay. */
  settled(signal: AbortSignal): Promise<void>;
  /** Counts since an arbitrary moment: only differences have a meaning. */
  read(): Promise<Measures>;
  /** How often they may be read: each time takes as long as the store's delay. */
  readonly when: 'each-fork' | 'first-fork';
}
