import { isPlainSession, isPlainToken } from '../../../core/results/arms.ts';
import { formatEstimate, formatValue } from '../../../core/text/format.ts';
import { isTokenInCookie } from '../arms.ts';
import { type Claim, doesNotHold, holds, inconclusive } from '../claim.ts';
import { above } from '../evidence.ts';
import type { Shown } from '../shown.ts';

export const rolesInBytes: Claim = {
  number: 8,
  id: 'roles-in-bytes',
  statement: 'Tokens carry claims such as roles, at a cost in bytes.',
  experiments: ['payload'],
  charts: ['payload-bytes', 'wire'],
  judge(evidence) {
    const tokenArm = evidence.armWhere(isPlainToken);
    const sessionArm = evidence.armWhere(isPlainSession);
    const slopes = [tokenArm, sessionArm].map((arm) => evidence.one(arm, 'payload', 'request_bytes_per_role'));
    const [token, session] = slopes;
    const limits: Shown[] = (['header', 'cookie'] as const).flatMap((limit) => {
      const arm = limit === 'cookie' ? evidence.armWhere(isTokenInCookie) : tokenArm;
      const figure = evidence.one(arm, 'payload', 'limit_roles', { limit });
      return figure === null ? [] : [{ label: `${arm}, most roles that fit its ${limit}`, figure }];
    });
    if (token && session) {
      const fits = limits.map(({ label, figure }) => `${label}: ${formatValue(figure)}`).join('; ');
      const grounds = {
        because: `One more role adds ${formatEstimate(token)} to each request with ${tokenArm} and ${formatEstimate(session)} with ${sessionArm}.${fits === '' ? '' : ` The number of roles is limited: ${fits}.`}`,
        figures: [
          { label: `${tokenArm}, bytes per request for one more role`, figure: token },
          { label: `${sessionArm}, the same`, figure: session },
          ...limits,
        ],
        turns: fits === '' ? null : 'Above these limits, requests are refused or the browser drops the cookie.',
      };
      if (above(token, session)) return holds(grounds);
      return token.high <= session.high && token.low <= 0 ? doesNotHold(grounds) : inconclusive(grounds);
    }
    const [ofToken, ofSession] = [evidence.toll(tokenArm, 'request_bytes'), evidence.toll(sessionArm, 'request_bytes')];
    if (ofToken === null || ofSession === null) return null;
    const grounds = {
      because: `With two roles, a request takes ${formatEstimate(ofToken)} with ${tokenArm} and ${formatEstimate(ofSession)} with ${sessionArm}. Growth with more roles was not measured in this run (experiment payload).`,
      figures: [
        { label: `${tokenArm}, request bytes`, figure: ofToken },
        { label: `${sessionArm}, request bytes`, figure: ofSession },
      ],
    };
    return above(ofToken, ofSession)
      ? holds(grounds)
      : above(ofSession, ofToken)
        ? doesNotHold(grounds)
        : inconclusive(grounds);
  },
};
