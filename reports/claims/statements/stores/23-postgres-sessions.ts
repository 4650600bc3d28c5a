import { oneCoreLimit } from '../../../../core/model/redis-use.ts';
import { USUAL } from '../../../../core/model/usual.ts';
import type { PairedRatio } from '../../../../core/results/paired-ratios.ts';
import { formatEstimate } from '../../../../core/text/format.ts';
import { costSentence } from '../../../../core/text/pairs.ts';
import { isHandTunedSession, isSessionInDatabase, isSessionInRedis } from '../../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf, inconclusive } from '../../claim.ts';
import { type Evidence, shownPair } from '../../evidence.ts';
import { MEDIUM_USERS, redisLimit, roundedCount, SECONDS_BETWEEN_REQUESTS } from '../../size.ts';

/** Requests a second: a core that handles fewer cannot serve even a medium user base. */
const TOO_FEW = MEDIUM_USERS / SECONDS_BETWEEN_REQUESTS;

/** The ratio to the session in Redis that is read in the same way, if the run has it. */
function besideRedis(evidence: Evidence, arm: string): PairedRatio | null {
  const others = [evidence.armWhere(isHandTunedSession), ...evidence.armsWhere(isSessionInRedis)];
  const pairs = others.map((other) => evidence.costs?.between(arm, other) ?? null);
  return pairs.find((pair) => pair !== null && pair.outcome !== 'one sample') ?? null;
}

export const postgresSessions: Claim = {
  number: 23,
  id: 'postgres-sessions',
  statement: 'PostgreSQL is sufficient for sessions; Redis is not needed.',
  experiments: ['toll'],
  charts: ['toll', 'toll-parts'],
  judge(evidence) {
    const { costs } = evidence;
    // Without the database's own CPU time, most of the cost would be missing.
    if (costs === null || !costs.includesRedis) return null;
    const arm = evidence.armWhere(isSessionInDatabase);
    const pair = besideRedis(evidence, arm);
    const cpu = evidence.toll(arm, 'companion_cpu_us_per_request');
    if (pair === null || cpu === null) return null;
    const rps = oneCoreLimit(cpu, USUAL.utilisation);
    if (rps === null) return null;
    const redis = redisLimit(evidence);
    const redisText =
      redis === null
        ? ''
        : ` The core of one Redis sustains ${formatEstimate({ ...redis.rps, unit: '' })} with ${redis.cpu.arm}.`;
    const busy = `${USUAL.utilisation * 100} % busy`;
    const grounds = {
      because: `A request takes ${formatEstimate(cpu)} of PostgreSQL's CPU time, so ${formatEstimate({ ...rps, unit: '' })} requests per second keep one of its cores ${busy}: ${roundedCount(rps.value * SECONDS_BETWEEN_REQUESTS)} users who send one every ${SECONDS_BETWEEN_REQUESTS} s.${redisText} In pairs, ${costSentence(pair, costs)}.`,
      figures: [
        { label: `${arm}, CPU time of PostgreSQL per request`, figure: cpu },
        ...(redis === null ? [] : [{ label: `${redis.cpu.arm}, Redis CPU time per request`, figure: redis.cpu }]),
        shownPair(pair),
      ],
      turns: `This changes at ${roundedCount(rps.value)} requests per second, when that core is ${busy}. More cores sustain more, since every connection has a separate process. If every use of a session is recorded, each request also writes, and a core sustains less; the same applies if the database has other work.`,
    };
    if (rps.high < TOO_FEW) return doesNotHold(grounds);
    if (rps.low < TOO_FEW) return inconclusive(grounds);
    // If a core of PostgreSQL handles as much as one of Redis, at no more cost, the claim holds.
    if (pair.outcome !== 'more' && redis !== null && rps.low >= redis.rps.high) return holds(grounds);
    return holdsOnlyIf(
      `each core of PostgreSQL serves at most about ${roundedCount(rps.low)} requests per second`,
      grounds,
    );
  },
};
