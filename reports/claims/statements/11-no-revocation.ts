import { formatEstimate } from '../../../core/text/format.ts';
import { isDenylistedToken, isPlainToken, isRefreshedToken } from '../arms.ts';
import { type Claim, cannotBeTold, doesNotHold, holds, type Shown } from '../claim.ts';
import { endsAtOnce, lagText, longestLag } from '../revoked.ts';

export const noRevocation: Claim = {
  number: 11,
  id: 'no-revocation',
  statement: 'A token cannot be revoked before it expires, unless a denylist brings state back.',
  experiments: ['revocation', 'toll'],
  charts: ['revocation', 'commands'],
  judge(evidence) {
    const plainArm = evidence.armWhere(isPlainToken);
    const listedArm = evidence.armWhere(isDenylistedToken);
    const refreshedArm = evidence.armWhere(isRefreshedToken);
    const [plain, listed] = [longestLag(evidence, plainArm), longestLag(evidence, listedArm)];
    if (plain === null || listed === null) return null;
    const commands = evidence.toll(listedArm, 'redis_commands_per_request');
    const refreshed = longestLag(evidence, refreshedArm);
    const figures: Shown[] = [
      { label: `${plainArm}, longest life after it was revoked`, figure: plain },
      { label: `${listedArm}, the same`, figure: listed },
      ...(commands === null ? [] : [{ label: `${listedArm}, Redis commands per request`, figure: commands }]),
      ...(refreshed === null
        ? []
        : [{ label: `${refreshedArm}, longest life of the access token`, figure: refreshed }]),
    ];
    const grounds = {
      because: `A revoked token of ${plainArm} was refused ${lagText(plain)}, one of ${listedArm} ${lagText(listed)}${commands === null ? '' : `, which costs ${formatEstimate(commands)} commands to Redis per request`}.`,
      figures,
      turns:
        refreshed === null || endsAtOnce(refreshed)
          ? null
          : `A short-lived token with a refresh token bounds it: ${lagText(refreshed)}, with no look-up on the hot path.`,
    };
    if (endsAtOnce(plain)) return doesNotHold(grounds);
    if (!endsAtOnce(listed)) return doesNotHold({ ...grounds, contrary: 'Not even the denylist ended it at once.' });
    return commands !== null && commands.low <= 0 ? cannotBeTold(grounds) : holds(grounds);
  },
};
