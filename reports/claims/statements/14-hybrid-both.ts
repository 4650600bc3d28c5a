import { formatEstimate } from '../../../core/text/format.ts';
import { isHybrid, isPlainSession } from '../arms.ts';
import { type Claim, cannotBeTold, doesNotHold, type Grounds, holds, holdsOnlyIf } from '../claim.ts';
import { above } from '../evidence.ts';
import { endsAtOnce, formatLag, lagText, longestLag } from '../revoked.ts';

export const hybridBoth: Claim = {
  number: 14,
  id: 'hybrid-both',
  statement:
    'A session check for critical operations, with tokens for the rest, gives both: cheap requests and control.',
  experiments: ['revocation', 'toll'],
  charts: ['revocation', 'toll', 'commands'],
  judge(evidence) {
    const hybrid = evidence.armWhere(isHybrid);
    const session = evidence.armWhere(isPlainSession);
    const critical = longestLag(evidence, hybrid, { operation: 'critical' });
    const light = longestLag(evidence, hybrid);
    const commands = evidence.toll(hybrid, 'redis_commands_per_request');
    if (critical === null || light === null || commands === null) return null;
    const [mine, its] = [
      evidence.toll(hybrid, 'total_cpu_us_per_request'),
      evidence.toll(session, 'total_cpu_us_per_request'),
    ];
    const cost =
      mine === null || its === null
        ? ''
        : ` A light request costs ${formatEstimate(mine)} of CPU, Redis included; ${session} ${formatEstimate(its)}.`;
    const grounds: Grounds = {
      because: `A revoked credential was refused ${lagText(critical)} for critical operations and ${lagText(light)} for reads, which send Redis ${formatEstimate(commands)} commands.${cost}`,
      figures: [
        { label: `${hybrid}, critical operations after it was revoked`, figure: critical },
        { label: `${hybrid}, reads after it was revoked`, figure: light },
        { label: `${hybrid}, Redis commands of a read`, figure: commands },
        ...(mine === null ? [] : [{ label: `${hybrid}, CPU of a read with Redis`, figure: mine }]),
        ...(its === null ? [] : [{ label: `${session}, CPU of a read with Redis`, figure: its }]),
      ],
    };
    if (!endsAtOnce(critical) || commands.low > 0) return doesNotHold(grounds);
    if (mine !== null && its !== null && !above(its, mine)) {
      return above(mine, its)
        ? doesNotHold({ ...grounds, contrary: `Its reads cost more CPU than those of ${session}.` })
        : cannotBeTold(grounds);
    }
    if (endsAtOnce(light)) return holds(grounds);
    return holdsOnlyIf(`reads may go on for up to ${formatLag(light.value)} after a revocation`, {
      ...grounds,
      turns: 'A shorter token shortens that, at the price of more renewals.',
    });
  },
};
