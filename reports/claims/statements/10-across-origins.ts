import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf } from '../claim.ts';
import { always } from '../evidence.ts';

const textOf = ({ arm, factors }: Figure) =>
  `${arm}, ${factors.credential === 'token' ? 'token' : `cookie with SameSite ${factors.same_site}`}, page ${factors.origin}, ${factors.cors} for CORS${factors.third_party_cookies === 'blocked' ? ', third-party cookies blocked' : ''}`;

export const acrossOrigins: Claim = {
  number: 10,
  id: 'across-origins',
  statement: 'Tokens work across origins; cookies mostly do not.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    const calls = (credential: string, cors: string) =>
      evidence.all('browser', 'cross_origin_works', { credential, origin: 'cross-site', cors });
    const [tokens, cookies] = [calls('token', 'listed'), calls('cookie', 'listed')];
    if (tokens.length === 0 || cookies.length === 0) return null;
    const strangers = [...calls('token', 'not-listed'), ...calls('cookie', 'not-listed')];
    const working = cookies.filter(always);
    const siblings = evidence.all('browser', 'cross_origin_works', {
      credential: 'cookie',
      origin: 'same-site',
      cors: 'listed',
    });
    const says = list([...new Set(working.map(({ factors }) => String(factors.same_site)))]);
    const grounds: Grounds = {
      because: `From a page of another site on the CORS list, a token ${tokens.every(always) ? 'always worked' : 'did not always work'}, and ${working.length} of ${cookies.length} kinds of cookie did${working.length > 0 ? ` (SameSite ${says}, third-party cookies allowed)` : ''}. Pages not on the list could read ${strangers.some(({ value }) => value > 0) ? 'responses too' : 'nothing with either'}.`,
      figures: [...tokens, ...cookies, ...strangers].map((figure) => ({ label: textOf(figure), figure })),
      turns:
        siblings.length > 0 && siblings.every(always)
          ? 'Between hosts of the same site, cookies work as well, whatever their SameSite.'
          : null,
    };
    if (!tokens.every(always)) return doesNotHold(grounds);
    if (strangers.some(({ value }) => value > 0)) return doesNotHold(grounds);
    const condition = 'the page’s origin is on the CORS list';
    if (working.length === cookies.length) return doesNotHold(grounds);
    if (working.length === 0) return strangers.length === 0 ? holds(grounds) : holdsOnlyIf(condition, grounds);
    return holdsOnlyIf(`${condition}, and the cookie does not have SameSite=None`, {
      ...grounds,
      contrary:
        'Cookies do work across sites with SameSite=None, but lose that protection, and only work if the browser allows third-party cookies.',
    });
  },
};
