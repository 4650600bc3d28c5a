/** The interface of a check only for services, and of one that replaces a check of the gate. */
import type { Check, Outcome } from '../../bench/gate/check.ts';
import type { ServiceTarget } from './adapter.ts';

export type Run = (target: ServiceTarget) => Promise<Outcome>;

export interface OwnCheck extends Omit<Check, 'run'> {
  readonly run: Run;
}

export const own = { family: 'service', quick: true, variant: 'standard', appliesTo: (): true => true } as const;
