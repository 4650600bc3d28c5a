/** The needs that arms are judged by, and a judgement with its sources. */
import type { Sourced } from './evidence.ts';

/** `unknown`: the run does not record it. `caution`: met, provided that something is done. */
export type Verdict = 'meets' | 'breaks' | 'unknown' | 'caution';

export const RULES = {
  gate: 'pass the security checks',
  revocation: 'refuse revoked credentials in time',
  critical: 'refuse revoked credentials in time for critical operations',
  store: 'keep state only where allowed',
  sticky: 'work on any replica',
  api: 'serve clients without a cookie jar',
  script: 'keep the credential from scripts',
  origin: 'serve pages of another site',
  outage: 'answer while Redis is unavailable',
  verifier: 'be verified by services that cannot issue',
  surface: 'offer no unused kind of credential',
  craft: 'rest on a maintained library',
  cache: 'have the cache hit rate of the measurement',
  p99: 'stay within the latency limit',
  budget: 'stay within the budget',
} as const;
export type Rule = keyof typeof RULES;

export interface Reason {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly text: string;
  /** The figures that the reason rests on. */
  readonly figures: readonly Sourced[];
  /** The declaration behind the reason: a name of `Declared`, or of another fact about the arm. */
  readonly declared: string | null;
  /** The published source that the reason rests on: `RFC 9700, 4.14`. */
  readonly published: string | null;
}

/** What a reason rests on. @param nameOf a figure, in the text */
export function sourcesOf({ figures, declared, published }: Reason, nameOf: (figure: Sourced) => string): string[] {
  return [
    ...figures.map(nameOf),
    ...(declared === null ? [] : [`declared ${declared}`]),
    ...(published === null ? [] : [published]),
  ];
}
