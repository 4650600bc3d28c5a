/**
 * The texts of the panel for given needs, shared by the built page and the browser, which runs this file with its
 * types stripped.
 */
import { type ArmAdvice, advise } from '../../../core/advise/advise.ts';
import type { RunEvidence } from '../../../core/advise/evidence.ts';
import { carries } from '../../../core/advise/inverse.ts';
import type { Needs } from '../../../core/advise/needs.ts';
import type { Reason } from '../../../core/advise/reason.ts';
import { answerTexts, lagText, sourceText } from '../../../core/advise/sentences.ts';
import {
  amountText,
  bytesText,
  integerText,
  latencyText,
  loadText,
  moneyText,
  rangeText,
} from '../../../core/advise/words.ts';

export interface ShownReason {
  readonly text: string;
  readonly source: string;
  /** The experiment of the figure behind it; empty if it is declared or published. */
  readonly experiment: string;
}

/** Arms with the same text. */
export interface ShownArm {
  readonly names: readonly string[];
  readonly reasons: readonly ShownReason[];
}

export interface Shown {
  /** The current first arms, for a later search for others. */
  readonly first: readonly string[];
  readonly answer: readonly string[];
  readonly heads: readonly string[];
  readonly rows: readonly { readonly name: string; readonly isFirst: boolean; readonly cells: readonly string[] }[];
  /** Requirements of the arms that fit. */
  readonly cautions: readonly ShownArm[];
  readonly ruledOut: readonly ShownArm[];
  readonly missing: readonly { readonly what: string; readonly command: string }[];
}

const ABSENT = 'not measured';

function reasonShown(reason: Reason): ShownReason {
  return { text: reason.text, source: sourceText(reason), experiment: reason.figures[0]?.experiment ?? '' };
}

/** Arms with equal reasons are grouped. */
function listed(arms: readonly ArmAdvice[], verdicts: readonly Reason['verdict'][]): ShownArm[] {
  const groups = new Map<string, { readonly names: string[]; readonly reasons: readonly ShownReason[] }>();
  for (const { name, reasons } of arms) {
    const own = reasons.filter(({ verdict }) => verdicts.includes(verdict)).map(reasonShown);
    if (own.length === 0) continue;
    const key = JSON.stringify(own);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [name], reasons: own });
    else group.names.push(name);
  }
  return [...groups.values()];
}

/** @param replicas to size a load for; 0 for none */
export function shownFor(run: RunEvidence, needs: Needs, replicas: number): Shown {
  const advice = advise(run, needs);
  const wantsLoad = replicas > 0 || needs.budget !== null;
  const loadHead =
    replicas > 0
      ? `Capacity of ${amountText(replicas)} ${replicas === 1 ? 'replica' : 'replicas'}, requests per second`
      : 'Capacity within the budget, requests per second';
  const hasCompanions = advice.ranked.some(({ sizing }) => sizing !== null && sizing.companions.high > 0);
  const rows = advice.ranked.map(({ name, place, sizing, lag }) => {
    const arm = run.arms.find((one) => one.name === name);
    const load = !wantsLoad || arm === undefined ? null : carries(arm, run, needs, replicas > 0 ? replicas : null);
    const size = (show: (of: NonNullable<typeof sizing>) => string) => (sizing === null ? ABSENT : show(sizing));
    const cells = [
      place === null ? 'not compared' : String(place),
      size((of) => rangeText(of.replicas, integerText)),
      ...(hasCompanions
        ? [size((of) => (of.companions.high === 0 ? 'none' : rangeText(of.companions, integerText)))]
        : []),
      size((of) => (of.redisNodes.high === 0 ? 'none' : rangeText(of.redisNodes, integerText))),
      size((of) => (of.redisBytes === null ? ABSENT : of.redisBytes.high === 0 ? 'none' : bytesText(of.redisBytes))),
      size((of) => (of.wireBytesPerSecond === null ? ABSENT : bytesText(of.wireBytesPerSecond, 'B/s'))),
      size((of) => latencyText(of.p99Ms)),
      lag === null ? 'not recorded' : lagText(lag.read),
      ...(needs.prices === null ? [] : [size((of) => (of.money === null ? ABSENT : moneyText(of.money)))]),
      ...(wantsLoad ? [loadText(load?.requestsPerSecond ?? null)] : []),
    ];
    return { name, isFirst: advice.first.includes(name), cells };
  });
  return {
    first: advice.first,
    answer: answerTexts(advice, needs, run),
    heads: [
      'Place',
      'Replicas',
      ...(hasCompanions ? ['Companions'] : []),
      'Redis nodes',
      'Redis memory',
      'Network',
      'p99, model',
      'Revoked',
      ...(needs.prices === null ? [] : ['A month']),
      ...(wantsLoad ? [loadHead] : []),
    ],
    rows,
    cautions: listed(advice.ranked, ['caution']),
    ruledOut: listed([...advice.ruledOut, ...advice.open], ['breaks', 'unknown']),
    missing: advice.missing,
  };
}
