import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { costSentence } from '../../../core/text/pairs.ts';
import { isPlainToken, isRsaToken, isSessionInRedis } from '../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { above, type Evidence, mostOf, shownPair } from '../evidence.ts';
import type { Shown } from '../shown.ts';
import { redisCpuPerRequest, redisRps, roundedCount } from '../size.ts';

/** Of the plain series: no factor but the number of replicas. */
function efficiencies(evidence: Evidence, arm: string): Figure[] {
  return evidence
    .of(arm, 'scale', 'scaling_efficiency')
    .filter(({ factors }) => Object.keys(factors).join() === 'replicas');
}

/** A token that costs more than a session, Redis included, as their blocks show. */
function dearToken(evidence: Evidence): { text: string; shown: Shown[] } | null {
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

/** A limit whose interval includes a fleet of one replica does not say where Redis saturates. */
const FEWEST = 2;

/** Where one Redis saturates: as measured or fitted where the interval allows, else from its CPU time per request. */
function wall(evidence: Evidence, session: string): { text: string; shown: Shown } | null {
  const walls = evidence
    .of(session, 'scale', 'redis_wall_replicas')
    .filter(({ factors, low }) => factors.redis_share === undefined && low >= FEWEST);
  const known = walls.find(({ source }) => source === 'measured') ?? walls[0];
  if (known !== undefined) {
    return {
      text: `the fleet has more than about ${Math.floor(known.low)} replicas per Redis`,
      shown: { label: `${session}, replicas that saturate one Redis`, figure: known },
    };
  }
  const cpu = redisCpuPerRequest(evidence);
  if (cpu === null) return null;
  return {
    text: `one Redis serves more than about ${roundedCount(redisRps(cpu.high))} requests per second`,
    shown: { label: `${cpu.arm}, Redis CPU time per request`, figure: cpu },
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
    const its = common.find(({ factors }) => factors.replicas === most);
    const mine = tokens.find(({ factors }) => factors.replicas === most);
    if (its === undefined || mine === undefined || most === null || most < 2) return null;
    const dear = dearToken(evidence);
    const full = wall(evidence, session);
    const grounds: Grounds = {
      because: `On ${most} replicas ${tokenArm} reaches ${formatEstimate(mine)} of the ideal throughput (${most} times that of one replica), ${session} ${formatEstimate(its)}.`,
      contrary: dear?.text ?? null,
      figures: [
        { label: `${tokenArm}, throughput of ${most} replicas over ${most} times one`, figure: mine },
        { label: `${session}, the same`, figure: its },
        ...(full === null ? [] : [full.shown]),
        ...(dear?.shown ?? []),
      ],
    };
    if (above(mine, its))
      return holds({ ...grounds, turns: full === null ? null : `The difference is clearest if ${full.text}.` });
    if (full !== null) {
      const result = above(its, mine)
        ? 'the session even scaled better'
        : 'the two were not compared in pairs, so no order is given';
      return holdsOnlyIf(full.text, { ...grounds, turns: `Up to ${most} replicas, ${result}.` });
    }
    return above(its, mine) ? doesNotHold(grounds) : inconclusive(grounds);
  },
};
