/** What a store says of its own work, where load and store are not Tollgate's alone: read before and after a load. */
import type { Measures } from '../../core/results/measures.ts';

export interface StoreCounters {
  /** Waits until the counters hold all that was asked so far; what the store reports late is not lost then. */
  settled(signal: AbortSignal): Promise<void>;
  /** Since any moment: only differences mean anything. */
  read(): Promise<Measures>;
  /** How often they may be read: each time costs as long as the store reports late. */
  readonly when: 'each-fork' | 'first-fork';
}
