import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { attackText, forgeries } from '../in-browser.ts';

const succeeded = ({ value }: Figure) => value > 0;

export const cookiesCsrf: Claim = {
  number: 3,
  id: 'cookies-csrf',
  statement: 'Cookies protect against CSRF by themselves.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    // No CSRF token, and form bodies are accepted: only the cookie can stop the attack.
    const bare = forgeries(evidence, { csrf: 'off', bodies: 'forms' });
    if (bare.length === 0) return null;
    const got = bare.filter(succeeded);
    const guarded = forgeries(evidence, { csrf: 'on', bodies: 'forms' });
    const shown = [...got, ...guarded.filter(succeeded)];
    const token =
      guarded.length > 0 && !guarded.some(succeeded)
        ? ` With a CSRF token, none of ${guarded.length} kinds of attack succeeded.`
        : '';
    const grounds: Grounds = {
      because: `Without a CSRF token ${got.length} of ${bare.length} kinds of attack made the server carry out a transfer${got.length > 0 ? `, such as ${attackText(got[0] as Figure)}` : ''}.${token}`,
      figures: (shown.length > 0 ? shown : bare).map((figure) => ({ label: attackText(figure), figure })),
    };
    if (got.length === 0) return holds(grounds);
    const of = (sameSites: readonly string[], origin: string) =>
      bare.filter(({ factors }) => factors.origin === origin && sameSites.includes(String(factors.same_site)));
    const strictSays = of(['lax', 'strict'], 'cross-site');
    if (strictSays.length === 0) return inconclusive(grounds);
    if (strictSays.some(succeeded)) return doesNotHold(grounds);
    const siblings = of(['lax', 'strict'], 'same-site').filter(succeeded);
    const unset = of(['unset'], 'cross-site').filter(succeeded);
    const conditions = [
      'the cookie has SameSite=Lax or Strict',
      ...(siblings.length > 0 ? ['no other host of the same site is hostile'] : []),
    ];
    const contrary = [
      ...(siblings.length > 0
        ? [
            `SameSite does not stop a sub-domain: with ${list([...new Set(siblings.map(({ factors }) => String(factors.same_site)))])}, a page on another host of the same site made the transfer.`,
          ]
        : []),
      ...(unset.length > 0
        ? [
            'A cookie without SameSite is not treated as Lax at first: a form posted from another site soon after login made the transfer.',
          ]
        : []),
    ];
    return holdsOnlyIf(list(conditions), {
      ...grounds,
      contrary: contrary.length === 0 ? null : contrary.join(' '),
      turns: token === '' ? null : 'This changes with a CSRF token, which stopped every attack that was tried.',
    });
  },
};
