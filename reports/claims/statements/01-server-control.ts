import { endsAtOnce } from '../../../core/results/sampled.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { isSessionInRedis } from '../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf } from '../claim.ts';
import { lagText, longestLag } from '../revoked.ts';

export const serverControl: Claim = {
  number: 1,
  id: 'server-control',
  statement: 'Sessions give the server full control of who is logged in.',
  experiments: ['revocation'],
  charts: ['revocation'],
  judge(evidence) {
    const lags = evidence.family('session').flatMap((arm) => {
      const lag = longestLag(evidence, arm);
      return lag === null ? [] : [{ arm, lag }];
    });
    // Arms that read the store at every request, without a cache.
    const kept = lags.filter(({ arm }) => evidence.armsWhere(isSessionInRedis).includes(arm));
    if (kept.length === 0) return null;
    const say = (some: readonly { arm: string; lag: Figure }[]) =>
      list(some.map(({ arm, lag }) => `${arm} ${lagText(lag)}`));
    const grounds = {
      because: `Time until every replica refused the credential, after logout, logout everywhere or disabling the user: ${say(lags)}.`,
      figures: lags.map(({ arm, lag }) => ({ label: `${arm}, longest lifetime after revocation`, figure: lag })),
    };
    if (!kept.every(({ lag }) => endsAtOnce(lag)))
      return doesNotHold({ ...grounds, turns: 'This would change if every request checked the store.' });
    const living = lags.filter(({ lag }) => !endsAtOnce(lag));
    if (living.length === 0) {
      return holds({
        ...grounds,
        turns: 'This would change with a session stored in the cookie itself, or read through a cache.',
      });
    }
    return holdsOnlyIf('the session is stored on the server and every request reads it', {
      ...grounds,
      contrary: `The server does not control every kind of session: ${say(living)}.`,
    });
  },
};
