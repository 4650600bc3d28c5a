import { isPlainToken } from '../../../core/results/arms.ts';
import { otherArmOf } from '../../../core/results/other-arm.ts';
import { type PairedRatio, pairedRatios } from '../../../core/results/paired-ratios.ts';
import type { Figure } from '../../../core/results/schema.ts';
import type { Interval } from '../../../core/stats/interval.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { costSentence } from '../../../core/text/pairs.ts';
import { NOT_PAIRED } from '../../../core/text/sentences.ts';
import { isRsaToken, isSessionInRedis } from '../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { type Evidence, mostOf, shownPair } from '../evidence.ts';
import type { Shown } from '../shown.ts';
import { limitText, redisLimit } from '../size.ts';

/** Efficiencies of the plain series: the number of replicas is the only factor. */
function efficiencies(evidence: Evidence, arm: string): Figure[] {
  return evidence
    .of(arm, 'scale', 'scaling_efficiency')
    .filter(({ factors }) => Object.keys(factors).join() === 'replicas');
}

/** The token's throughput divided by the session's, in fleets of this size and the same blocks; null if unknown. */
function rates(evidence: Evidence, token: string, session: string, replicas: number): PairedRatio | null {
  const plain = evidence
    .all('scale', 'throughput_ratio_to_arm', { replicas })
    .filter(({ factors }) => Object.keys(factors).every((name) => name === 'replicas' || name === 'against'));
  const pair = pairedRatios(plain)?.between(token, session) ?? null;
  return pair?.outcome === 'one sample' ? null : pair;
}

/** How much more of its throughput the token keeps than the session, from the smallest fleet to the largest. */
interface Kept {
  readonly ratio: Interval;
  readonly pairs: readonly PairedRatio[];
}

function kept(evidence: Evidence, token: string, session: string, least: number, most: number): Kept | null {
  const [few, many] = [least, most].map((replicas) => rates(evidence, token, session, replicas));
  if (!few || !many || least >= most) return null;
  const value = many.ratio.value / few.ratio.value;
  // Independent errors add in quadrature on the logarithmic scale, where a ratio is a difference.
  const reach = (end: 'low' | 'high', other: 'low' | 'high') =>
    Math.hypot(Math.log(many.ratio[end] / many.ratio.value), Math.log(few.ratio[other] / few.ratio.value));
  const ratio = { value, low: value * Math.exp(-reach('low', 'high')), high: value * Math.exp(reach('high', 'low')) };
  return { ratio, pairs: [few, many] };
}

function keptText({ ratio }: Kept, token: string, session: string): string {
  const amount = formatEstimate({ ...ratio, unit: '×' });
  if (ratio.low > 1) return ` By their ratio in the same blocks, ${token} keeps ${amount} as much of it as ${session}.`;
  if (ratio.high < 1)
    return ` By their ratio in the same blocks, ${token} keeps only ${amount} as much of it as ${session}.`;
  return ` Their ratio in the same blocks shows no difference: ${amount}.`;
}

/** A token that costs more than a session, Redis included, in the same blocks. */
function costlierToken(evidence: Evidence): { text: string; shown: Shown[] } | null {
  const { costs } = evidence;
  const rsa = evidence.armWhere(isRsaToken);
  if (costs === null || !costs.includesRedis) return null;
  for (const session of evidence.armsWhere(isSessionInRedis).toReversed()) {
    const pair = costs.between(rsa, session);
    if (pair?.outcome !== 'more') continue;
    return {
      text: `A token can cost more than a session: ${costSentence(pair, costs)}.`,
      shown: [shownPair(pair)],
    };
  }
  return null;
}

/** The load above which sessions need more than one Redis; null if that was not measured. */
function wall(evidence: Evidence): { text: string; shown: Shown } | null {
  const limit = redisLimit(evidence);
  if (limit === null) return null;
  return {
    text: `one Redis has to serve more than about ${limitText(limit)}`,
    shown: { label: `${limit.cpu.arm}, Redis CPU time per request`, figure: limit.cpu },
  };
}

export const scaleBetter: Claim = {
  number: 7,
  id: 'scale-better',
  statement: 'Tokens scale better than sessions.',
  experiments: ['scale', 'toll'],
  charts: ['scale-throughput', 'scale-wall', 'scale-models', 'toll'],
  judge(evidence) {
    const tokenArm = evidence.armWhere(isPlainToken);
    const tokens = efficiencies(evidence, tokenArm);
    const session = evidence.armsWhere(isSessionInRedis).find((arm) => efficiencies(evidence, arm).length > 0);
    if (session === undefined || tokens.length === 0) return null;
    const sessions = efficiencies(evidence, session);
    const common = sessions.filter((one) => tokens.some(({ factors }) => factors.replicas === one.factors.replicas));
    const most = mostOf(common, 'replicas');
    const ofSession = common.find(({ factors }) => factors.replicas === most);
    const ofToken = tokens.find(({ factors }) => factors.replicas === most);
    if (ofSession === undefined || ofToken === undefined || most === null || most < 2) return null;
    const costlier = costlierToken(evidence);
    const full = wall(evidence);
    const least = Math.min(...common.map(({ factors }) => Number(factors.replicas)));
    const compared = kept(evidence, tokenArm, session, least, most);
    const grounds: Grounds = {
      because: `On ${most} replicas ${tokenArm} reaches ${formatEstimate(ofToken)} of the ideal throughput (${most} times that of one replica), ${session} ${formatEstimate(ofSession)}.${compared === null ? '' : keptText(compared, tokenArm, session)}`,
      contrary: costlier?.text ?? null,
      figures: [
        { label: `${tokenArm}, throughput of ${most} replicas over ${most} times one`, figure: ofToken },
        { label: `${session}, the same`, figure: ofSession },
        ...(compared?.pairs ?? []).map(({ recorded }) => ({
          label: `${recorded.arm} over ${otherArmOf(recorded)}, throughput of ${recorded.factors.replicas}`,
          figure: recorded,
        })),
        ...(full === null ? [] : [full.shown]),
        ...(costlier?.shown ?? []),
      ],
    };
    if (compared !== null && compared.ratio.low > 1)
      return holds({ ...grounds, turns: full === null ? null : `The difference is clearest if ${full.text}.` });
    if (full !== null) {
      const result =
        compared === null
          ? `the two were ${NOT_PAIRED}`
          : compared.ratio.high < 1
            ? 'the session even scaled better'
            : 'no difference between the two was found';
      return holdsOnlyIf(full.text, { ...grounds, turns: `Up to ${most} replicas, ${result}.` });
    }
    return compared !== null && compared.ratio.high < 1 ? doesNotHold(grounds) : inconclusive(grounds);
  },
};
