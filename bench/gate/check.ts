/** The interface of a gate's check: it talks HTTP to a fleet of two replicas and reports its observation. */
import type { ArmInfo } from '../../servers/contract.ts';
import type { VariantName } from './stage/variants.ts';
import type { GateTarget } from './target.ts';

/**
 * The observation of a check. `limit` means that a promise is kept in part: a stateless token, for example, ends at expiry and
 * not at logout. It is valid only if `limitOf` says that the arm declares it. `detail` is one line without credentials.
 */
export interface Outcome {
  readonly result: 'pass' | 'fail' | 'limit' | 'not-applicable';
  readonly detail: string;
}

export interface Check {
  /** The check's unique number. */
  readonly id: number;
  readonly name: string;
  readonly family: string;
  /** The sources of the requirement: `ASVS 7.2.4`, `RFC 8725 §3.1`. */
  readonly refs: readonly string[];
  /** Whether it is quick and important enough to run before every benchmark. It then runs on the `standard` fleet only. */
  readonly quick: boolean;
  /** The kind of fleet that it needs, or a function if that depends on the arm. */
  readonly variant: VariantName | ((arm: ArmInfo) => VariantName);
  /** True if it leaves its fleet unusable for other checks; it then gets its own fleet. */
  readonly alone?: boolean;
  /** True if it reads what its servers write to their output, so that each must be a process. */
  readonly readsOutput?: boolean;
  /** The time limit; 20 s by default. */
  readonly timeoutMs?: number;
  /** Returns true, or the reason why the check does not apply. */
  appliesTo(arm: ArmInfo): true | string;
  /** Returns the limit that the arm declares, in words; null if it promises everything. */
  limitOf?(arm: ArmInfo): string | null;
  /** An exception is a failed check. Its message is shown, so it must not contain a credential. */
  run(target: GateTarget): Promise<Outcome>;
}

export const pass = (detail: string): Outcome => ({ result: 'pass', detail });
export const fail = (detail: string): Outcome => ({ result: 'fail', detail });
/** The outcome for a reason that is known only once the fleet runs, such as a Redis that must not be stopped. */
export const notApplicable = (detail: string): Outcome => ({ result: 'not-applicable', detail });
export const limit = (detail: string): Outcome => ({ result: 'limit', detail });

/** Fails with every fault, or passes with a description of what was checked. */
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
