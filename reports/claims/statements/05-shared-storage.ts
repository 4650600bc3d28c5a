import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { isSealedSession, isSessionInMemory } from '../arms.ts';
import { type Claim, cannotBeTold, doesNotHold, holds, holdsOnlyIf, type Shown } from '../claim.ts';

/** Requests refused for other reasons than where they were sent. */
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
      ...(sticky === undefined ? [] : [{ label: `the same, each user kept at one replica`, figure: sticky }]),
      ...(sealed === null ? [] : [{ label: `${inCookie}, Redis commands per request`, figure: sealed }]),
    ];
    const because = `With sessions in each process’ own memory, ${formatEstimate(spread)} of the requests of users who are logged in were refused on ${spread.factors.replicas} replicas${sticky === undefined ? '' : `, and ${formatEstimate(sticky)} where each user stays at one replica`}.`;
    const grounds = { because, figures };
    if (spread.high <= NOISE_PCT) return doesNotHold(grounds);
    if (spread.low <= NOISE_PCT) return cannotBeTold(grounds);
    const kept = sticky !== undefined && sticky.high <= NOISE_PCT;
    const ways = [
      ...(kept ? ['requests are not kept at one replica'] : []),
      ...(sealed !== null && sealed.high === 0 ? ['the cookie does not hold the session itself'] : []),
    ];
    if (ways.length === 0)
      return holds({
        ...grounds,
        turns: 'Turns where each user stays at one replica, or the cookie holds the session.',
      });
    return holdsOnlyIf(ways.join(' and '), {
      ...grounds,
      turns: kept ? 'A replica that is replaced still logs its users out.' : null,
    });
  },
};
