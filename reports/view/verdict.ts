/** When to choose what, as far as this run shows it, and how certain that is. Pure. */

import { referencePair } from '../../core/results/arms.ts';
import { endsAtOnce } from '../../core/results/sampled.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { counted, formatEstimate, formatValue } from '../../core/text/format.ts';
import { costSentence } from '../../core/text/pairs.ts';
import { isHybrid } from '../claims/arms.ts';
import { Evidence } from '../claims/evidence.ts';
import { endText, longestLag } from '../claims/revoked.ts';
import type { CostRanking } from './ranking.ts';
import type { Statement } from './statement.ts';

/** One reason: the need, and the evidence of this run. */
export interface Clause extends Statement {
  /** Completes `Choose … if`: `a credential must end at once`. */
  readonly need: string;
  /** The chart with the evidence. */
  readonly chart: string;
}

export interface Choice {
  readonly choose: 'sessions' | 'tokens' | 'both';
  readonly clauses: readonly Clause[];
}

export interface Verdict {
  /** The choices supported by figures of this run. */
  readonly choices: readonly Choice[];
  /** Null if no two arms were compared. */
  readonly sureness: Statement | null;
}

interface Case {
  readonly evidence: Evidence;
  readonly ranking: CostRanking | null;
  readonly session: string;
  readonly token: string;
}

const some = <T>(...found: readonly (T | null)[]): T[] => found.filter((one) => one !== null);

/** Which of the two ends at once and which stays valid; null if they are alike or were not measured. */
function revocation({ evidence, session, token }: Case): Clause | null {
  const [its, mine] = [longestLag(evidence, session), longestLag(evidence, token)];
  const [sessionArm, tokenArm] = [session, token].map((arm) => evidence.arms.find(({ name }) => name === arm));
  if (its === null || mine === null || !sessionArm || !tokenArm) return null;
  if (!endsAtOnce(its) || endsAtOnce(mine)) return null;
  return {
    need: 'credentials must be revocable immediately',
    text: `after revocation, ${session} ${endText(its, sessionArm)}, and ${token} ${endText(mine, tokenArm)}`,
    figures: [its, mine],
    chart: 'revocation',
  };
}

/** Counts, which need no pairs. */
function bytes({ evidence, session, token }: Case): Clause | null {
  const [its, mine] = [evidence.toll(session, 'request_bytes'), evidence.toll(token, 'request_bytes')];
  if (its === null || mine === null || its.high >= mine.low) return null;
  return {
    need: 'requests must be small',
    text: `${formatValue(its)} with ${session}, ${formatValue(mine)} with ${token}`,
    figures: [its, mine],
    chart: 'wire',
  };
}

/** @param cheaper which of the two must be the cheaper one */
function cost({ ranking, session, token }: Case, cheaper: 'session' | 'token'): Clause | null {
  const pair = ranking?.costs.between(session, token) ?? null;
  if (ranking === null || pair === null) return null;
  if (pair.outcome !== (cheaper === 'session' ? 'less' : 'more')) return null;
  return {
    need: 'CPU time matters most',
    text: costSentence(pair, ranking.costs),
    figures: [pair.ratio],
    chart: 'toll-pairs',
  };
}

function noStore({ evidence, session, token }: Case): Clause | null {
  const metric = 'redis_commands_per_request';
  const [its, mine] = [evidence.toll(session, metric), evidence.toll(token, metric)];
  if (its === null || mine === null || its.low <= 0 || mine.value !== 0) return null;
  return {
    need: 'no request may depend on a shared store',
    text: `Redis commands per request: ${formatEstimate(its)} with ${session}, none with ${token}`,
    figures: [its, mine],
    chart: 'commands',
  };
}

/** Only all or nothing: intermediate shares would need a paired comparison. */
function outage({ evidence, session, token }: Case): Clause | null {
  const asked = { route: 'me', fault: 'redis-killed' };
  const metric = 'outage_accepted_pct';
  const [its, mine] = [session, token].map((arm) => evidence.one(arm, 'outage', metric, asked));
  if (!its || !mine || its.value !== 0 || mine.value !== 100) return null;
  return {
    need: 'requests must succeed while Redis is unavailable',
    text: `after Redis was killed, ${token} accepted every request and ${session} none`,
    figures: [its, mine],
    chart: 'outage-redis-killed',
  };
}

function hybrid({ evidence, ranking, session }: Case): Clause | null {
  const arm = evidence.armWhere(isHybrid);
  const pair = ranking?.costs.between(arm, session) ?? null;
  if (ranking === null || pair?.outcome !== 'less') return null;
  const critical = longestLag(evidence, arm, { operation: 'critical' });
  if (critical !== null && !endsAtOnce(critical)) return null;
  const ended = critical === null ? '' : '; critical operations were refused at once after revocation';
  return {
    need: 'reads must be cheap and critical operations must check current state',
    text: `for reads, ${costSentence(pair, ranking.costs)}${ended}`,
    figures: some<Figure>(pair.ratio, critical),
    chart: 'toll-pairs',
  };
}

/** The evidence for the answer, and what would change it. */
function surenessOf({ session, token }: Case, ranking: CostRanking): Statement | null {
  const pair = ranking.costs.between(session, token);
  if (pair === null) return null;
  const { confidence, forks, blocks } = pair.ratio;
  const sample = `${counted(blocks, 'block')} in ${counted(forks, 'fresh start')}`;
  const open = pair.outcome === 'no difference' || pair.outcome === 'one sample';
  const more =
    forks === 1
      ? 'How much fresh starts differ is unknown: --profile full has more.'
      : 'A longer run narrows the interval.';
  const change = open
    ? 'A longer run may find a difference: npm run bench -- --budget 10m.'
    : `This order applies to this machine, runtime and libraries. ${more}`;
  const { count } = ranking.costs;
  const corrected =
    count === 1
      ? ''
      : ` ${count} pairs of arms were compared; Holm’s correction keeps the probability of any false difference at 5 %.`;
  const text = `${Math.round(confidence * 100)} % intervals from ${sample}.${corrected} ${change}`;
  return { text, figures: [pair.ratio] };
}

/** The reason for sessions if a credential must end at once; null if a run does not show it. */
export function revocationChoice(run: Run): Choice | null {
  const ordinary = referencePair(run.arms);
  if (ordinary === null) return null;
  const clause = revocation({ evidence: new Evidence(run.figures, run.arms), ranking: null, ...ordinary });
  return clause === null ? null : { choose: 'sessions', clauses: [clause] };
}

export function verdictOf(run: Run, ranking: CostRanking | null): Verdict {
  const ordinary = referencePair(run.arms);
  if (ordinary === null) return { choices: [], sureness: null };
  const evidence = new Evidence(run.figures, run.arms);
  const known: Case = { evidence, ranking, ...ordinary };
  const choices: readonly Choice[] = [
    { choose: 'sessions', clauses: some(revocation(known), cost(known, 'session'), bytes(known)) },
    { choose: 'tokens', clauses: some(cost(known, 'token'), noStore(known), outage(known)) },
    { choose: 'both', clauses: some(hybrid(known)) },
  ];
  return {
    choices: choices.filter(({ clauses }) => clauses.length > 0),
    sureness: ranking === null ? null : surenessOf(known, ranking),
  };
}
