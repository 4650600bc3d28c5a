import type { StoppedBy } from '../../core/results/schema.ts';

/** Why an experiment ended, as a clause. */
export const STOPPED_BY: Readonly<Record<StoppedBy, string>> = {
  interval: 'all intervals were narrow enough',
  budget: 'the time budget ran out',
  plan: 'all planned measurements were done',
  interrupted: 'it was interrupted',
  failed: 'it failed',
  skipped: 'a program that it needs is missing',
};
