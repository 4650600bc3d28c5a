/** What a check of the gate is: it talks HTTP to a fleet of two replicas and says what it saw. One family a file. */
import type { ArmInfo } from '../../servers/contract.ts';
import type { VariantName } from './stage/variants.ts';
import type { GateTarget } from './target.ts';

/**
 * What a run of a check saw. `limit` is for a promise that is kept in part, as a stateless token ends at expiry and not at
 * logout; it stands only where `limitOf` says that the arm declares it. `detail` is one line and never holds a credential.
 */
export interface Outcome {
  readonly result: 'pass' | 'fail' | 'limit' | 'not-applicable';
  readonly detail: string;
}

export interface Check {
  /** As numbered in the catalogue of checks; unique. */
  readonly id: number;
  readonly name: string;
  readonly family: string;
  /** Where the demand comes from: `ASVS 7.2.4`, `RFC 8725 §3.1`. */
  readonly refs: readonly string[];
  /** Whether it is quick enough, and telling enough, to stand before every timed run. It then runs on `standard` only. */
  readonly quick: boolean;
  /** The kind of fleet that it needs. A function where it depends on the arm. */
  readonly variant: VariantName | ((arm: ArmInfo) => VariantName);
  /** True where the fleet is left unfit for other checks: it gets one of its own. */
  readonly alone?: boolean;
  /** Longest that it may take; 20 s unless given. */
  readonly timeoutMs?: number;
  /** True, or the reason why there is nothing to check. */
  appliesTo(arm: ArmInfo): true | string;
  /** What the arm declares that it does not promise here, in words; null where the promise is whole. */
  limitOf?(arm: ArmInfo): string | null;
  /** A throw is a failed check: its message is shown, so no credential may stand in it. */
  run(target: GateTarget): Promise<Outcome>;
}

export const pass = (detail: string): Outcome => ({ result: 'pass', detail });
export const fail = (detail: string): Outcome => ({ result: 'fail', detail });
/** For what shows only once the fleet runs, as that its Redis is not ours to stop. */
export const notApplicable = (detail: string): Outcome => ({ result: 'not-applicable', detail });
export const limit = (detail: string): Outcome => ({ result: 'limit', detail });

/** Fails with every fault, or passes with what was found to be right. */
export function verdict(faults: readonly string[], right: string): Outcome {
  return faults.length === 0 ? pass(right) : fail(faults.join('; '));
}

/** For `appliesTo`: the unguarded baseline promises nothing. */
export function guards(arm: ArmInfo): true | string {
  return arm.baseline ? 'the baseline guards nothing' : true;
}

/** For `appliesTo`: every reason must be `true`; the first that is not is the answer. */
export function allOf(...reasons: readonly (true | string)[]): true | string {
  return reasons.find((reason) => reason !== true) ?? true;
}

export const variantOf = (check: Check, arm: ArmInfo): VariantName =>
  typeof check.variant === 'function' ? check.variant(arm) : check.variant;
