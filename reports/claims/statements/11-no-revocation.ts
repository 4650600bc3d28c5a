import { isPlainToken } from '../../../core/results/arms.ts';
import { endsAtOnce } from '../../../core/results/sampled.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { isDenylistedToken, isRefreshedToken } from '../arms.ts';
import { type Claim, doesNotHold, holds, inconclusive } from '../claim.ts';
import { lagText, longestLag } from '../revoked.ts';
import type { Shown } from '../shown.ts';

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
      { label: `${plainArm}, longest lifetime after revocation`, figure: plain },
      { label: `${listedArm}, the same`, figure: listed },
      ...(commands === null ? [] : [{ label: `${listedArm}, Redis commands per request`, figure: commands }]),
      ...(refreshed === null
        ? []
        : [{ label: `${refreshedArm}, longest lifetime of the access token`, figure: refreshed }]),
    ];
    const grounds = {
      because: `A revoked token was refused ${lagText(plain)} with ${plainArm} and ${lagText(listed)} with ${listedArm}${commands === null ? '' : `, which sends Redis ${formatEstimate(commands)} ${commands.value === 1 ? 'command' : 'commands'} per request`}.`,
      figures,
      turns:
        refreshed === null || endsAtOnce(refreshed)
          ? null
          : `A short-lived token with a refresh token limits the delay: revoked tokens were refused ${lagText(refreshed)}, without a lookup at each request.`,
    };
    if (endsAtOnce(plain)) return doesNotHold(grounds);
    if (!endsAtOnce(listed))
      return doesNotHold({ ...grounds, contrary: 'Even the denylist did not revoke it at once.' });
    return commands !== null && commands.low <= 0 ? inconclusive(grounds) : holds(grounds);
  },
};
