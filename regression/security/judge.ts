/** The verdict of the security checks on two builds: whether the head verifies less than the base. Pure. */
import type { GateArm, GateOutcome, GateResult, GateVerdict } from '../../core/results/gate-schema.ts';

export interface CheckFinding {
  readonly check: number;
  readonly name: string;
  /** Null if the base was not checked. */
  readonly base: GateVerdict | null;
  readonly head: GateVerdict;
  /** The observation in the head; one line without credentials. */
  readonly detail: string;
}

export interface ArmSecurity {
  readonly arm: string;
  /** The number of checks that applied to the head. */
  readonly checks: number;
  /** Why the head must not be measured: it fails a check that the base passes, or verifies no credential at all. */
  readonly faults: readonly CheckFinding[];
  /** Checks that both fail, as builds older than a check do. They are reported, but decide nothing. */
  readonly alike: readonly CheckFinding[];
}

/**
 * The checks without which a credential is meaningless: a forged, altered, invented or expired one is refused, and an
 * ordinary one gives no administrator access. A build that fails one of them is never measured, however old it is.
 */
export const CRITICAL_CHECKS: readonly number[] = [1, 2, 3, 5, 6, 10, 12, 21, 22, 26];

/** How far a promise is kept. */
const KEPT: Readonly<Record<GateVerdict, number>> = { pass: 3, limit: 2, 'not-applicable': 1, fail: 0 };

export function judgeSecurity(base: GateResult, head: GateResult): ArmSecurity[] {
  const nameOf = (id: number) => [...head.checks, ...base.checks].find((check) => check.id === id)?.name ?? '';
  return head.arms.map((arm): ArmSecurity => {
    const before = base.arms.find((one) => one.arm === arm.arm);
    const findings = arm.outcomes.map((outcome) => findingOf(outcome, before, nameOf(outcome.check)));
    const faults = findings.filter(isFault);
    return {
      arm: arm.arm,
      checks: arm.outcomes.filter(({ verdict }) => verdict !== 'not-applicable').length,
      faults,
      alike: findings.filter((finding) => finding.head === 'fail' && !faults.includes(finding)),
    };
  });
}

function findingOf({ check, verdict, detail }: GateOutcome, before: GateArm | undefined, name: string): CheckFinding {
  const base = before?.outcomes.find((outcome) => outcome.check === check)?.verdict ?? null;
  return { check, name, base, head: verdict, detail };
}

/** A promise that the head has withdrawn counts as a broken one: verifying less is not an improvement. */
function isFault({ check, base, head }: CheckFinding): boolean {
  if (head === 'fail' && CRITICAL_CHECKS.includes(check)) return true;
  if (base === null) return head === 'fail';
  return KEPT[head] < KEPT[base];
}

/** `security check 22 (an altered cookie is refused) fails in head, but passes in base: …`. */
export function securityWords(
  { check, name, base, head, detail }: CheckFinding,
  [before, after]: readonly [string, string] = SIDES,
): string {
  const subject = `security check ${check} (${name})`;
  if (head === 'fail') {
    const beside = base === 'fail' ? `, as in ${before}` : base === null ? '' : `, but passes in ${before}`;
    return `${subject} fails in ${after}${beside}: ${detail}`;
  }
  const less = head === 'limit' ? `${after} declares a limit` : `${after} declares that it does not apply`;
  return `${subject} passes in ${before}, but ${less}: ${detail}`;
}

const SIDES: readonly [string, string] = ['base', 'head'];
