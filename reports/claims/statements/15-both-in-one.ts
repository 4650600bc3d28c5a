import { formatEstimate } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holds, type Shown } from '../claim.ts';
import { always, never } from '../evidence.ts';
import { attacks, forgeries } from '../in-browser.ts';
import { endsAtOnce, longestLag } from '../revoked.ts';

const ARM = 'dual';

export const bothInOne: Claim = {
  number: 15,
  id: 'both-in-one',
  statement: 'Tokens for the API and sessions for the web can live in one application.',
  experiments: ['browser', 'revocation'],
  charts: ['browser', 'revocation'],
  judge(evidence) {
    const token = evidence.one(ARM, 'browser', 'plain_client_works', { credential: 'token' });
    const web = attacks(evidence, { storage: 'httponly-cookie', attack: 'script-reads-storage' }, ARM);
    if (token === null || web.length === 0) return null;
    const guarded = forgeries(evidence, { csrf: 'on' }).filter(({ arm }) => arm === ARM);
    if (guarded.length === 0) return null;
    const lags = (['cookie', 'token'] as const).flatMap((credential) => {
      const lag = longestLag(evidence, ARM, { credential });
      return lag === null ? [] : [{ credential, lag }];
    });
    const [mine, lean] = [
      evidence.toll(ARM, 'cpu_us_per_request'),
      evidence.toll('session-redis-lean', 'cpu_us_per_request'),
    ];
    const figures: Shown[] = [
      { label: `${ARM}, token, client without a cookie jar`, figure: token },
      ...web.map((figure) => ({ label: `${ARM}, cookie, ${figure.factors.attack}`, figure })),
      ...lags.map(({ credential, lag }) => ({ label: `${ARM}, ${credential} after it was revoked`, figure: lag })),
      ...(mine === null ? [] : [{ label: `${ARM}, CPU per request`, figure: mine }]),
      ...(lean === null ? [] : [{ label: 'session-redis-lean, CPU per request', figure: lean }]),
    ];
    const cost =
      mine === null || lean === null
        ? ''
        : ` A request with the cookie costs ${formatEstimate(mine)} of CPU, with session-redis-lean alone ${formatEstimate(lean)}.`;
    const ends =
      lags.length === 2
        ? ` Either was refused ${lags.every(({ lag }) => endsAtOnce(lag)) ? 'at once' : 'late'} after it was revoked.`
        : '';
    const grounds = {
      because: `In one application a browser worked with a session cookie and a client without a cookie jar with a token${always(token) ? '' : ', the latter not always'}; ${guarded.filter(({ value }) => value > 0).length} of ${guarded.length} kinds of attack from other pages got through.${ends}${cost}`,
      figures,
    };
    const sound = always(token) && web.every(never) && guarded.every(never) && lags.every(({ lag }) => endsAtOnce(lag));
    return sound ? holds(grounds) : doesNotHold(grounds);
  },
};
