import { isPlainSession } from '../../../core/results/arms.ts';
import { endsAtOnce } from '../../../core/results/sampled.ts';
import { formatValue, list } from '../../../core/text/format.ts';
import { lifeText } from '../../../core/text/life.ts';
import { isSealedSession } from '../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf } from '../claim.ts';
import { lagText, longestLag } from '../revoked.ts';
import type { Shown } from '../shown.ts';

export const logoutSimple: Claim = {
  number: 2,
  id: 'logout-simple',
  statement: 'Logout and expiry are simple with sessions.',
  experiments: ['revocation', 'lifecycle'],
  charts: ['revocation', 'lifecycle'],
  judge(evidence) {
    const plain = evidence.armWhere(isPlainSession);
    const inCookie = evidence.armWhere(isSealedSession);
    const lag = longestLag(evidence, plain, { kind: 'logout' });
    if (lag === null) return null;
    const commands = evidence.one(plain, 'lifecycle', 'redis_commands_per_operation', { operation: 'logout' });
    const sealed = longestLag(evidence, inCookie, { kind: 'logout' });
    const figures: Shown[] = [
      { label: `${plain}, lifetime after logout`, figure: lag },
      ...(commands === null ? [] : [{ label: `${plain}, Redis commands for a logout`, figure: commands }]),
      ...(sealed === null ? [] : [{ label: `${inCookie}, lifetime of a copied cookie after logout`, figure: sealed }]),
    ];
    const expires =
      evidence.passed(plain, /^an idle session ends/) > 0 && evidence.passed(plain, /ends at its time/) > 0;
    const parts = [
      `a logout ends the session ${lagText(lag)} on every replica`,
      ...(commands === null ? [] : [`it takes ${formatValue(commands)} Redis commands`]),
      ...(expires ? ['security checks confirmed that it expires when idle and at its absolute limit'] : []),
    ];
    const grounds = { because: `With ${plain} ${list(parts)}.`, figures };
    if (!endsAtOnce(lag)) return doesNotHold(grounds);
    if (sealed === null || endsAtOnce(sealed)) {
      return holds({
        ...grounds,
        turns:
          'This would change with a session stored in the cookie itself: logout then only asks the browser to delete it.',
      });
    }
    return holdsOnlyIf('the session is stored on the server', {
      ...grounds,
      contrary: `Where the cookie holds the session (${inCookie}), logout does not end copies of it: one was accepted for ${lifeText(sealed)}.`,
    });
  },
};
