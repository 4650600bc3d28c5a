import { formatEstimate, formatValue } from '../../../core/text/format.ts';
import { type Claim, cannotBeTold, doesNotHold, holds, type Shown } from '../claim.ts';
import { above } from '../evidence.ts';

const TOKEN = 'jwt-hs256';
const SESSION = 'session-redis';

export const rolesInBytes: Claim = {
  number: 8,
  id: 'roles-in-bytes',
  statement: 'Tokens carry claims such as roles, at a price in bytes.',
  experiments: ['payload'],
  charts: ['payload-bytes', 'wire'],
  judge(evidence) {
    const slopes = [TOKEN, SESSION].map((arm) => evidence.one(arm, 'payload', 'request_bytes_per_role'));
    const [token, session] = slopes;
    const limits: Shown[] = (['header', 'cookie'] as const).flatMap((limit) => {
      const arm = limit === 'cookie' ? 'jwt-cookie' : TOKEN;
      const figure = evidence.one(arm, 'payload', 'limit_roles', { limit });
      return figure === null ? [] : [{ label: `${arm}, most roles that fit its ${limit}`, figure }];
    });
    if (token && session) {
      const fits = limits.map(({ label, figure }) => `${label}: ${formatValue(figure)}`).join('; ');
      const grounds = {
        because: `One more role adds ${formatEstimate(token)} to each request with ${TOKEN} and ${formatEstimate(session)} with ${SESSION}.${fits === '' ? '' : ` And there is an end to it: ${fits}.`}`,
        figures: [
          { label: `${TOKEN}, bytes per request for one more role`, figure: token },
          { label: `${SESSION}, the same`, figure: session },
          ...limits,
        ],
        turns: fits === '' ? null : 'Beyond these numbers of roles requests are refused or the cookie is dropped.',
      };
      if (above(token, session)) return holds(grounds);
      return token.high <= session.high && token.low <= 0 ? doesNotHold(grounds) : cannotBeTold(grounds);
    }
    const [mine, its] = [evidence.toll(TOKEN, 'request_bytes'), evidence.toll(SESSION, 'request_bytes')];
    if (mine === null || its === null) return null;
    const grounds = {
      because: `With two roles a request with ${TOKEN} takes ${formatEstimate(mine)}, with ${SESSION} ${formatEstimate(its)}. How it grows with more roles was not measured in this run (experiment payload).`,
      figures: [
        { label: `${TOKEN}, bytes of a request`, figure: mine },
        { label: `${SESSION}, bytes of a request`, figure: its },
      ],
    };
    return above(mine, its) ? holds(grounds) : above(its, mine) ? doesNotHold(grounds) : cannotBeTold(grounds);
  },
};
