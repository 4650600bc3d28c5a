/** Every claim with its verdict on one run. Pure. */
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { formatFactors, list } from '../../core/text/format.ts';
import type { Claim, Judgement, Verdict } from './claim.ts';
import { Evidence } from './evidence.ts';
import { CLAIMS } from './registry.ts';

export interface LedgerEntry extends Judgement {
  readonly claim: Claim;
}

/** The row of a figure in figures.csv: experiment, arm, factors and metric, as written there. */
export function referenceTo({ experiment, arm, factors, metric }: Figure): string {
  return [experiment, arm ?? '', formatFactors(factors), metric].filter((part) => part !== '').join(' · ');
}

/** The command that measures a claim. */
function commandFor({ experiments }: Pick<Claim, 'experiments'>): string {
  return `npm run bench -- --profile full --experiments ${experiments.join(',')}`;
}

function notMeasured(claim: Claim): Judgement {
  return {
    verdict: 'not measured',
    condition: null,
    because: `This run lacks some of the required figures of ${list(claim.experiments)}. To measure them: ${commandFor(claim)}`,
    turns: null,
    contrary: null,
    figures: [],
  };
}

export function ledgerOf(run: Run, gate: GateResult | null = null, claims: readonly Claim[] = CLAIMS): LedgerEntry[] {
  const evidence = new Evidence(run.figures, run.arms, gate);
  return claims.map((claim) => ({ claim, ...(claim.judge(evidence) ?? notMeasured(claim)) }));
}

/** `holds only if the cookie has SameSite=Lax`. */
export function verdictText({ verdict, condition }: Judgement): string {
  if (verdict === 'not measured') return 'not measured in this run';
  return condition === null ? verdict : `${verdict} ${condition}`;
}

const VERDICTS: readonly Verdict[] = ['holds', 'holds only if', 'does not hold', 'inconclusive', 'not measured'];

/** Each verdict as a verb in the plural: 3 claims … */
const PLURALS: Readonly<Record<Verdict, string>> = {
  holds: 'hold',
  'holds only if': 'hold under a condition',
  'does not hold': 'do not hold',
  inconclusive: 'are inconclusive',
  'not measured': 'were not measured',
};
const SINGULARS: Readonly<Record<Verdict, string>> = {
  holds: 'holds',
  'holds only if': 'holds under a condition',
  'does not hold': 'does not hold',
  inconclusive: 'is inconclusive',
  'not measured': 'was not measured',
};

/** `2 hold, 3 hold under a condition and 13 were not measured`. */
export function tallyText(ledger: readonly Judgement[]): string {
  return list(tally(ledger).map(({ verdict, count }) => `${count} ${(count === 1 ? SINGULARS : PLURALS)[verdict]}`));
}

/** The number of claims with each verdict, without zero counts. */
export function tally(ledger: readonly Judgement[]): { readonly verdict: Verdict; readonly count: number }[] {
  return VERDICTS.map((verdict) => ({
    verdict,
    count: ledger.filter((entry) => entry.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
}
