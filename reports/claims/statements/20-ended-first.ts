import { formatEstimate } from '../../../core/text/format.ts';
import { isSessionInRedis } from '../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { mostOf } from '../evidence.ts';

/** The share of live keys among the evicted ones, in percent, below which it does not matter. */
const NEGLIGIBLE = 1;
/** The default `maxmemory-samples` of Redis. */
const DEFAULT_SAMPLES = 5;

export const endedFirst: Claim = {
  number: 20,
  id: 'ended-first',
  statement: 'When Redis is full, ended sessions are evicted first.',
  experiments: ['store'],
  charts: ['store-bytes', 'store-lookup'],
  judge(evidence) {
    const session = evidence.armWhere(isSessionInRedis);
    const all = evidence.of(session, 'store', 'evicted_live_pct');
    const sessions = mostOf(all, 'sessions');
    const figures = all
      .filter(({ factors }) => factors.sessions === sessions)
      .toSorted((a, b) => Number(a.factors.eviction_samples) - Number(b.factors.eviction_samples));
    const plain = figures.find(({ factors }) => factors.eviction_samples === DEFAULT_SAMPLES);
    if (plain === undefined) return null;
    const cure = figures.find(({ high }) => high < NEGLIGIBLE);
    const at = (samples: unknown) => `maxmemory-samples ${samples}`;
    const grounds = {
      because: `With volatile-ttl and one ended session among ${1 + Number(plain.factors.live_per_ended)}, more than had to be evicted, ${formatEstimate(plain)} of the evicted keys belonged to users who were still logged in. Redis compares ${DEFAULT_SAMPLES} random keys, and most samples contain no ended session.`,
      figures: figures.map((figure) => ({
        label: `${session}, evicted keys of live sessions, ${at(figure.factors.eviction_samples)}`,
        figure,
      })),
      turns:
        'This changes with the share of ended sessions in memory: if half of them have ended, nearly every sample contains one.',
    };
    if (plain.high < NEGLIGIBLE) return holds(grounds);
    if (plain.low <= NEGLIGIBLE) return inconclusive(grounds);
    return cure === undefined
      ? doesNotHold(grounds)
      : holdsOnlyIf(`${at(cure.factors.eviction_samples)} is set, or Redis has memory for all of them`, grounds);
  },
};
