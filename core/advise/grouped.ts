/** Reasons that several arms share, each written once. Pure. */

import type { ArmAdvice } from './advise.ts';
import type { Needs } from './needs.ts';
import { type Reason, type Rule, sourcesOf, type Verdict } from './reason.ts';
import { durationText, listText } from './words.ts';

export interface SharedReason {
  readonly text: string;
  /** The arms that it applies to, in the order given; with the time in brackets where the reason is a late refusal. */
  readonly names: readonly string[];
  /** The metrics, declarations and publications that it rests on for any of these arms. */
  readonly sources: readonly string[];
}

/** `reason: arms (sources)`. */
export function sharedText({ text, names, sources }: SharedReason): string {
  const from = sources.length === 0 ? '' : ` (${sources.join('; ')})`;
  return `${text}: ${listText(names)}${from}`;
}

const LATE = {
  revocation: { operation: 'read', text: 'it accepts a revoked credential for longer than required' },
  critical: {
    operation: 'critical',
    text: 'for critical operations it accepts a revoked credential for longer than required',
  },
} as const;
const isLate = (rule: Rule): rule is keyof typeof LATE => rule in LATE;

/** The reason and the arm. Late refusals are one reason, and each arm then has its time. */
function labelled({ name, lag }: ArmAdvice, { rule, verdict, text, declared }: Reason, needs: Needs) {
  // The variant is what accepts credentials while Redis is unavailable, which is another reason.
  if (!isLate(rule) || lag === null || verdict !== 'breaks' || declared === 'variant') return { text, name };
  const limitMs = (rule === 'critical' ? needs.criticalWithinMs : needs.revokeWithinMs) ?? 0;
  const { boundMs, seen } = lag[LATE[rule].operation];
  if (seen !== null && seen.low > limitMs)
    return { text: LATE[rule].text, name: `${name} (${durationText(seen.low)} measured)` };
  const promised = boundMs === null ? 'no limit' : durationText(boundMs);
  return { text: LATE[rule].text, name: `${name} (${promised} declared)` };
}

/** Those with one of the verdicts; the reason that most arms share is first. */
export function sharedReasons(arms: readonly ArmAdvice[], verdicts: readonly Verdict[], needs: Needs): SharedReason[] {
  const groups = new Map<string, { readonly names: string[]; readonly sources: Set<string> }>();
  for (const arm of arms) {
    for (const reason of arm.reasons) {
      if (!verdicts.includes(reason.verdict)) continue;
      const { text, name } = labelled(arm, reason, needs);
      const group = groups.get(text) ?? { names: [], sources: new Set() };
      groups.set(text, group);
      group.names.push(name);
      for (const source of sourcesOf(reason, ({ metric }) => metric)) group.sources.add(source);
    }
  }
  return [...groups]
    .map(([text, { names, sources }]) => ({ text, names, sources: [...sources] }))
    .toSorted((one, other) => other.names.length - one.names.length);
}
