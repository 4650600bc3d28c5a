import { formatEstimate } from '../../../core/text/format.ts';
import { type Claim, cannotBeTold, doesNotHold, holds, type Shown } from '../claim.ts';
import { endsAtOnce, lagText, longestLag } from '../revoked.ts';

const PLAIN = 'jwt-hs256';
const LISTED = 'jwt-denylist';

export const noRevocation: Claim = {
  number: 11,
  id: 'no-revocation',
  statement: 'A token cannot be revoked before it expires, unless a denylist brings state back.',
  experiments: ['revocation', 'toll'],
  charts: ['revocation', 'commands'],
  judge(evidence) {
    const [plain, listed] = [longestLag(evidence, PLAIN), longestLag(evidence, LISTED)];
    if (plain === null || listed === null) return null;
    const commands = evidence.toll(LISTED, 'redis_commands_per_request');
    const refreshed = longestLag(evidence, 'jwt-refresh');
    const figures: Shown[] = [
      { label: `${PLAIN}, longest life after it was revoked`, figure: plain },
      { label: `${LISTED}, the same`, figure: listed },
      ...(commands === null ? [] : [{ label: `${LISTED}, Redis commands per request`, figure: commands }]),
      ...(refreshed === null ? [] : [{ label: 'jwt-refresh, longest life of the access token', figure: refreshed }]),
    ];
    const grounds = {
      because: `A revoked token of ${PLAIN} was refused ${lagText(plain)}, one of ${LISTED} ${lagText(listed)}${commands === null ? '' : `, which costs ${formatEstimate(commands)} commands to Redis per request`}.`,
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
