import { endsAtOnce } from '../../../core/results/sampled.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { isHandTunedSession, servesBoth } from '../arms.ts';
import { type Claim, doesNotHold, holds } from '../claim.ts';
import { always, never } from '../evidence.ts';
import { attacks, forgeries } from '../in-browser.ts';
import { longestLag } from '../revoked.ts';
import type { Shown } from '../shown.ts';

export const bothInOne: Claim = {
  number: 15,
  id: 'both-in-one',
  statement: 'One application can use tokens for its API and sessions for the web.',
  experiments: ['browser', 'revocation'],
  charts: ['browser', 'revocation'],
  judge(evidence) {
    const both = evidence.armWhere(servesBoth);
    const handTuned = evidence.armWhere(isHandTunedSession);
    const token = evidence.one(both, 'browser', 'plain_client_works', { credential: 'token' });
    const web = attacks(evidence, { storage: 'httponly-cookie', attack: 'script-reads-storage' }, both);
    if (token === null || web.length === 0) return null;
    const guarded = forgeries(evidence, { csrf: 'on' }).filter(({ arm }) => arm === both);
    if (guarded.length === 0) return null;
    const lags = (['cookie', 'token'] as const).flatMap((credential) => {
      const lag = longestLag(evidence, both, { credential });
      return lag === null ? [] : [{ credential, lag }];
    });
    const [mine, lean] = [evidence.toll(both, 'cpu_us_per_request'), evidence.toll(handTuned, 'cpu_us_per_request')];
    const figures: Shown[] = [
      { label: `${both}, token, client without a cookie jar`, figure: token },
      ...web.map((figure) => ({ label: `${both}, cookie, ${figure.factors.attack}`, figure })),
      ...lags.map(({ credential, lag }) => ({ label: `${both}, ${credential} after revocation`, figure: lag })),
      ...(mine === null ? [] : [{ label: `${both}, CPU per request`, figure: mine }]),
      ...(lean === null ? [] : [{ label: `${handTuned}, CPU per request`, figure: lean }]),
    ];
    const cost =
      mine === null || lean === null
        ? ''
        : ` A request with the cookie takes ${formatEstimate(mine)} of CPU time, and ${formatEstimate(lean)} with ${handTuned} alone.`;
    const ends =
      lags.length === 2
        ? ` ${lags.every(({ lag }) => endsAtOnce(lag)) ? 'Both were refused at once after revocation.' : 'Not both were refused at once after revocation.'}`
        : '';
    const grounds = {
      because: `In one application, a browser worked with a session cookie and a client without a cookie jar with a token${always(token) ? '' : ' (though not always)'}; ${guarded.filter(({ value }) => value > 0).length} of ${guarded.length} kinds of attack from other pages succeeded.${ends}${cost}`,
      figures,
    };
    const sound = always(token) && web.every(never) && guarded.every(never) && lags.every(({ lag }) => endsAtOnce(lag));
    return sound ? holds(grounds) : doesNotHold(grounds);
  },
};
