/** An arm that gives a cookie or a token as it is asked is checked with both: each check runs once for either client. */

import type { GateVerdict } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Check } from './check.ts';
import { asTokens, hasBothCredentials } from './promises.ts';
import { type GateTarget, withTokens } from './target.ts';

/** Checks of tokens ask for one anyway; a login and a refresh token are the same on either side. */
const ONE_SIDED = ['token', 'refresh', 'login'];

const isTwoSided = (check: Check, arm: ArmInfo) => hasBothCredentials(arm) && !ONE_SIDED.includes(check.family);

/** True, or the reason why there is nothing to check with either credential. */
export function appliesTo(check: Check, arm: ArmInfo): true | string {
  const applies = check.appliesTo(arm);
  return applies === true || !isTwoSided(check, arm) ? applies : check.appliesTo(asTokens(arm));
}

export interface Side {
  /** Before the detail of what was seen; empty where there is one side alone. */
  readonly label: string;
  readonly target: GateTarget;
}

/** The clients that a check is to be run as. */
export function sidesOf(check: Check, target: GateTarget): Side[] {
  if (!isTwoSided(check, target.arm)) return [{ label: '', target }];
  const sides = [
    { label: 'cookie: ', target },
    { label: 'token: ', target: withTokens(target) },
  ];
  return sides.filter((side) => check.appliesTo(side.target.arm) === true);
}

export interface Judged {
  readonly verdict: GateVerdict;
  readonly detail: string;
}

const WORST_FIRST: readonly GateVerdict[] = ['fail', 'limit', 'pass', 'not-applicable'];

/** One verdict from those of all sides: the worst. What a side saw is told of each. */
export function together(judged: readonly Judged[]): Judged {
  const verdict = WORST_FIRST.find((each) => judged.some((one) => one.verdict === each)) ?? 'not-applicable';
  return { verdict, detail: judged.map(({ detail }) => detail).join('; ') };
}
