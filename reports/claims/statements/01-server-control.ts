import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { isSessionInRedis } from '../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf } from '../claim.ts';
import { endsAtOnce, lagText, longestLag } from '../revoked.ts';

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
    // Those that ask the store at each request, and keep nothing nearer.
    const kept = lags.filter(({ arm }) => evidence.armsWhere(isSessionInRedis).includes(arm));
    if (kept.length === 0) return null;
    const say = (some: readonly { arm: string; lag: Figure }[]) =>
      list(some.map(({ arm, lag }) => `${arm} ${lagText(lag)}`));
    const grounds = {
      because: `After logout, logout everywhere or the disabling of a user, every replica refused the credential: ${say(lags)}.`,
      figures: lags.map(({ arm, lag }) => ({ label: `${arm}, longest life after it was revoked`, figure: lag })),
    };
    if (!kept.every(({ lag }) => endsAtOnce(lag)))
      return doesNotHold({ ...grounds, turns: 'Turns where the store is asked at each request.' });
    const living = lags.filter(({ lag }) => !endsAtOnce(lag));
    if (living.length === 0) {
      return holds({ ...grounds, turns: 'Turns with a session that is kept in the cookie itself, or behind a cache.' });
    }
    return holdsOnlyIf('the session is kept at the server and asked for at each request', {
      ...grounds,
      contrary: `Not every session is under the server’s control: ${say(living)}.`,
    });
  },
};
