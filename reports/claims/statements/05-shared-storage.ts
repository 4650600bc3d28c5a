import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { isSealedSession, isSessionInMemory } from '../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import type { Shown } from '../shown.ts';

/** The share of requests that may be refused for other reasons than routing. */
const NOISE_PCT = 0.1;

const largest = (figures: readonly Figure[]) => figures.toSorted((a, b) => b.value - a.value)[0];

export const sharedStorage: Claim = {
  number: 5,
  id: 'shared-storage',
  statement: 'Several servers need shared session storage.',
  experiments: ['scale'],
  charts: ['scale-spreading', 'scale-throughput'],
  judge(evidence) {
    const inMemory = evidence.armWhere(isSessionInMemory);
    const inCookie = evidence.armWhere(isSealedSession);
    const several = evidence.of(inMemory, 'scale', 'refused_pct').filter(({ factors }) => Number(factors.replicas) > 1);
    const spread = largest(several.filter(({ factors }) => factors.spreading !== 'sticky'));
    if (spread === undefined) return null;
    const sticky = largest(several.filter(({ factors }) => factors.spreading === 'sticky'));
    const sealed = evidence.toll(inCookie, 'redis_commands_per_request');
    const figures: Shown[] = [
      { label: `${inMemory} on ${spread.factors.replicas} replicas, refused though logged in`, figure: spread },
      ...(sticky === undefined ? [] : [{ label: `the same, with sticky routing`, figure: sticky }]),
      ...(sealed === null ? [] : [{ label: `${inCookie}, Redis commands per request`, figure: sealed }]),
    ];
    const because = `With sessions in the memory of each process, ${formatEstimate(spread)} of the requests of logged-in users were refused on ${spread.factors.replicas} replicas${sticky === undefined ? '' : `, and ${formatEstimate(sticky)} with sticky routing (each user always reaches the same replica)`}.`;
    const grounds = { because, figures };
    if (spread.high <= NOISE_PCT) return doesNotHold(grounds);
    if (spread.low <= NOISE_PCT) return inconclusive(grounds);
    const kept = sticky !== undefined && sticky.high <= NOISE_PCT;
    const ways = [
      ...(kept ? ['there is no sticky routing'] : []),
      ...(sealed !== null && sealed.high === 0 ? ['the session is not stored in the cookie itself'] : []),
    ];
    if (ways.length === 0)
      return holds({
        ...grounds,
        turns: 'This would change with sticky routing, or with the session stored in the cookie.',
      });
    return holdsOnlyIf(ways.join(' and '), {
      ...grounds,
      turns: kept ? 'Replacing a replica still logs its users out.' : null,
    });
  },
};
