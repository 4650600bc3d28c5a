import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf } from '../claim.ts';
import { always } from '../evidence.ts';

const textOf = ({ arm, factors }: Figure) =>
  `${arm}, ${factors.credential === 'token' ? 'token' : `cookie with SameSite ${factors.same_site}`}, page ${factors.origin}, ${factors.cors} for CORS${factors.third_party_cookies === 'blocked' ? ', third-party cookies blocked' : ''}`;

export const acrossOrigins: Claim = {
  number: 10,
  id: 'across-origins',
  statement: 'Tokens work across origins, cookies hardly.',
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
      because: `From a page of another site that the CORS list names, a token worked ${tokens.every(always) ? 'always' : 'not always'}, and ${working.length} of ${cookies.length} kinds of cookie${working.length > 0 ? ` (SameSite ${says}, third-party cookies allowed)` : ''}. Pages that it does not name could read ${strangers.some(({ value }) => value > 0) ? 'replies too' : 'nothing, with either'}.`,
      figures: [...tokens, ...cookies, ...strangers].map((figure) => ({ label: textOf(figure), figure })),
      turns:
        siblings.length > 0 && siblings.every(always)
          ? 'Between hosts of one site cookies work as well, whatever their SameSite.'
          : null,
    };
    if (!tokens.every(always)) return doesNotHold(grounds);
    if (strangers.some(({ value }) => value > 0)) return doesNotHold(grounds);
    const condition = 'the CORS list names the page’s origin';
    if (working.length === cookies.length) return doesNotHold(grounds);
    if (working.length === 0) return strangers.length === 0 ? holds(grounds) : holdsOnlyIf(condition, grounds);
    return holdsOnlyIf(`${condition}, and the cookie does not say SameSite=None`, {
      ...grounds,
      contrary:
        'Cookies do work across sites with SameSite=None, at the price of that protection, and only where the browser lets third-party cookies through.',
    });
  },
};
