import { list } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holds } from '../claim.ts';
import { always, never } from '../evidence.ts';

export const apiClients: Claim = {
  number: 9,
  id: 'api-clients',
  statement: 'Tokens suit API and mobile clients, which have no cookie jar.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    const tokens = evidence.all('browser', 'plain_client_works', { credential: 'token' });
    const cookies = evidence.all('browser', 'plain_client_works', { credential: 'cookie' });
    if (tokens.length === 0 || cookies.length === 0) return null;
    const names = (figures: typeof tokens) => list(figures.map(({ arm }) => arm ?? ''));
    const grounds = {
      because: `A client that stores no cookies, and sends only what the body of the login response contained, could read and write with ${names(tokens.filter(always)) || 'no token'}, and with ${names(cookies.filter(({ value }) => value > 0)) || 'no arm whose credential is a cookie'}.`,
      figures: [...tokens, ...cookies].map((figure) => ({
        label: `${figure.arm}, ${figure.factors.credential}, client without a cookie jar`,
        figure,
      })),
      turns: 'A client that stores cookies, as many HTTP libraries can, does not need a token.',
    };
    return tokens.every(always) && cookies.every(never) ? holds(grounds) : doesNotHold(grounds);
  },
};
