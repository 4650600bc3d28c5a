/** An arm that issues a cookie or a token on request is checked with both: each check runs once for each kind of client. */

import type { GateVerdict } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Check } from './check.ts';
import { asTokens, hasBothCredentials } from './promises.ts';
import { type GateTarget, withTokens } from './target.ts';

/** Checks of tokens request one anyway; logins and refresh tokens are the same for both clients. */
const ONE_SIDED = ['token', 'refresh', 'login'];

const isTwoSided = (check: Check, arm: ArmInfo) => hasBothCredentials(arm) && !ONE_SIDED.includes(check.family);

/** Returns true, or the reason why the check applies to neither credential. */
export function appliesTo(check: Check, arm: ArmInfo): true | string {
  const applies = check.appliesTo(arm);
  return applies === true || !isTwoSided(check, arm) ? applies : check.appliesTo(asTokens(arm));
}

export interface Side {
  /** A prefix for the detail; empty if there is only one side. */
  readonly label: string;
  readonly target: GateTarget;
}

/** Returns the clients to run a check as. */
export function sidesOf(check: Check, target: GateTarget): Side[] {
  if (!isTwoSided(check, target.arm)) return [{ label: '', target }];
  const sides = [
    { label: 'cookie: ', target },
    { label: 'token: ', target: withTokens(target) },
  ];
  return sides.filter((side) => check.appliesTo(side.target.arm) === true);
}

export interface SideResult {
  readonly verdict: GateVerdict;
  readonly detail: string;
}

const WORST_FIRST: readonly GateVerdict[] = ['fail', 'limit', 'pass', 'not-applicable'];

/** Combines the verdicts of all sides into the worst, with the details of each side. */
export function combineResults(judged: readonly SideResult[]): SideResult {
  const verdict = WORST_FIRST.find((each) => judged.some((one) => one.verdict === each)) ?? 'not-applicable';
  return { verdict, detail: judged.map(({ detail }) => detail).join('; ') };
}
