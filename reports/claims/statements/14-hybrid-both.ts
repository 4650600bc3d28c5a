import { isPlainSession } from '../../../core/results/arms.ts';
import { endsAtOnce } from '../../../core/results/sampled.ts';
import { formatDuration, formatEstimate } from '../../../core/text/format.ts';
import { costSentence } from '../../../core/text/pairs.ts';
import { isHybrid } from '../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { shownPair } from '../evidence.ts';
import { lagText, longestLag } from '../revoked.ts';

export const hybridBoth: Claim = {
  number: 14,
  id: 'hybrid-both',
  statement:
    'Session checks for critical operations and tokens for everything else combine cheap requests with control.',
  experiments: ['revocation', 'toll'],
  charts: ['revocation', 'toll', 'commands'],
  judge(evidence) {
    const hybrid = evidence.armWhere(isHybrid);
    const session = evidence.armWhere(isPlainSession);
    const critical = longestLag(evidence, hybrid, { operation: 'critical' });
    const light = longestLag(evidence, hybrid);
    const commands = evidence.toll(hybrid, 'redis_commands_per_request');
    if (critical === null || light === null || commands === null) return null;
    const { costs } = evidence;
    const pair = costs?.between(hybrid, session) ?? null;
    const cost =
      costs === null || pair === null
        ? ' The cost of its reads was not compared with that of the session in pairs.'
        : ` For reads, ${costSentence(pair, costs)}.`;
    const grounds: Grounds = {
      because: `A revoked credential was refused ${lagText(critical)} for critical operations and ${lagText(light)} for reads, which send ${formatEstimate(commands)} Redis commands.${cost}`,
      figures: [
        { label: `${hybrid}, critical operations after revocation`, figure: critical },
        { label: `${hybrid}, reads after revocation`, figure: light },
        { label: `${hybrid}, Redis commands for a read`, figure: commands },
        ...(pair === null ? [] : [shownPair(pair)]),
      ],
    };
    if (!endsAtOnce(critical) || commands.low > 0) return doesNotHold(grounds);
    if (pair === null) return inconclusive(grounds);
    if (pair.outcome === 'more')
      return doesNotHold({ ...grounds, contrary: `Its reads take more CPU time than those of ${session}.` });
    if (pair.outcome !== 'less') return inconclusive(grounds);
    if (endsAtOnce(light)) return holds(grounds);
    return holdsOnlyIf(`reads may still be accepted for up to ${formatDuration(light.value)} after revocation`, {
      ...grounds,
      turns: 'Shorter-lived tokens shorten this, at the cost of more refreshes.',
    });
  },
};
