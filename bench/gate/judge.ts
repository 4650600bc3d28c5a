/** Decides the verdict from a check's observation and the arm's declaration. Pure. */

import type { GateVerdict } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Check, Outcome } from './check.ts';

const LONGEST_DETAIL = 500;

/**
 * A limit counts only if it is declared, and a declared limit must be observed: an arm that is stricter than its description
 * would mislead people who choose by the description.
 */
export function judge(check: Check, arm: ArmInfo, seen: Outcome): { verdict: GateVerdict; detail: string } {
  const declared = check.limitOf?.(arm) ?? null;
  switch (seen.result) {
    case 'fail':
      return { verdict: 'fail', detail: oneLine(seen.detail) };
    case 'not-applicable':
      return { verdict: 'not-applicable', detail: oneLine(seen.detail) };
    case 'limit':
      if (declared !== null) return { verdict: 'limit', detail: oneLine(`${declared}: ${seen.detail}`) };
      return { verdict: 'fail', detail: oneLine(`${seen.detail}, and the arm declares no such limit`) };
    case 'pass':
      if (declared === null) return { verdict: 'pass', detail: oneLine(seen.detail) };
      return {
        verdict: 'fail',
        detail: oneLine(`the arm declares a limit (${declared}) that it does not have: ${seen.detail}`),
      };
  }
}

export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= LONGEST_DETAIL ? line : `${line.slice(0, LONGEST_DETAIL - 1)}…`;
}
