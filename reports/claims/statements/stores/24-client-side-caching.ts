import { isPlainSession } from '../../../../core/results/arms.ts';
import { endsAtOnce } from '../../../../core/results/sampled.ts';
import { formatDuration, formatEstimate } from '../../../../core/text/format.ts';
import { costSentence } from '../../../../core/text/pairs.ts';
import { isTrackedSession } from '../../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf, inconclusive } from '../../claim.ts';
import { shownPair } from '../../evidence.ts';
import { lagText, longestLag } from '../../revoked.ts';

/** Lookups count as nearly free if a request sends at most this many Redis commands on average. */
const NEARLY_FREE_COMMANDS = 0.1;

export const clientSideCaching: Claim = {
  number: 24,
  id: 'client-side-caching',
  statement: 'Client-side caching gives both: sessions under the server’s control, and almost no lookups.',
  experiments: ['toll', 'revocation'],
  charts: ['toll', 'commands', 'revocation', 'frontier'],
  judge(evidence) {
    const { costs } = evidence;
    // A cache also saves Redis' CPU time, which must be included.
    if (costs === null || !costs.includesRedis) return null;
    const tracked = evidence.armWhere(isTrackedSession);
    const pair = costs.between(tracked, evidence.armWhere(isPlainSession));
    const commands = evidence.toll(tracked, 'redis_commands_per_request');
    const lag = longestLag(evidence, tracked);
    const boundMs = evidence.arms.find(({ name }) => name === tracked)?.declares?.revokedWithinMs ?? null;
    if (pair === null || pair.outcome === 'one sample') return null;
    if (commands === null || lag === null || boundMs === null) return null;
    const bound = formatDuration(boundMs);
    const grounds: Grounds = {
      because: `A request of ${tracked} sends ${formatEstimate(commands)} Redis commands; ${costSentence(pair, costs)}. A revoked session was refused ${lagText(lag)}; the arm declares ${bound}.`,
      figures: [
        { label: `${tracked}, Redis commands per request`, figure: commands },
        shownPair(pair),
        { label: `${tracked}, longest lifetime after revocation`, figure: lag },
      ],
      turns: `This changes if sessions are used rarely, or on many replicas: most requests then miss the cache, and a miss costs more than a plain lookup. While a replica's connection to Redis is broken, it trusts its cache for up to ${bound}.`,
    };
    if (lag.low > boundMs || lag.flags.includes('declaration-broken'))
      return doesNotHold({ ...grounds, contrary: `A revoked session outlived the ${bound} that the arm declares.` });
    if (commands.low > NEARLY_FREE_COMMANDS) return doesNotHold(grounds);
    if (pair.outcome === 'more')
      return doesNotHold({ ...grounds, contrary: `The cache costs more CPU time than the lookups that it saves.` });
    if (commands.high > NEARLY_FREE_COMMANDS || pair.outcome !== 'less') return inconclusive(grounds);
    if (endsAtOnce(lag)) return holds(grounds);
    return holdsOnlyIf(`a revoked session may still be accepted for up to ${formatDuration(lag.value)}`, grounds);
  },
};
