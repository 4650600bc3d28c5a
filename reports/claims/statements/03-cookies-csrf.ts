import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { type Claim, cannotBeTold, doesNotHold, type Grounds, holds, holdsOnlyIf } from '../claim.ts';
import { attackText, forgeries } from '../in-browser.ts';

const succeeded = ({ value }: Figure) => value > 0;

export const cookiesCsrf: Claim = {
  number: 3,
  id: 'cookies-csrf',
  statement: 'Cookies bring protection against CSRF by themselves.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    // No CSRF token, and forms are read: the cookie is all that stands in the way.
    const bare = forgeries(evidence, { csrf: 'off', bodies: 'forms' });
    if (bare.length === 0) return null;
    const got = bare.filter(succeeded);
    const guarded = forgeries(evidence, { csrf: 'on', bodies: 'forms' });
    const shown = [...got, ...guarded.filter(succeeded)];
    const token =
      guarded.length > 0 && !guarded.some(succeeded)
        ? ` With a CSRF token none of ${guarded.length} kinds of attack did.`
        : '';
    const grounds: Grounds = {
      because: `Without a CSRF token ${got.length} of ${bare.length} kinds of attack made the server carry out a transfer${got.length > 0 ? `, ${attackText(got[0] as Figure)} among them` : ''}.${token}`,
      figures: (shown.length > 0 ? shown : bare).map((figure) => ({ label: attackText(figure), figure })),
    };
    if (got.length === 0) return holds(grounds);
    const of = (sameSites: readonly string[], origin: string) =>
      bare.filter(({ factors }) => factors.origin === origin && sameSites.includes(String(factors.same_site)));
    const strictSays = of(['lax', 'strict'], 'cross-site');
    if (strictSays.length === 0) return cannotBeTold(grounds);
    if (strictSays.some(succeeded)) return doesNotHold(grounds);
    const siblings = of(['lax', 'strict'], 'same-site').filter(succeeded);
    const unset = of(['unset'], 'cross-site').filter(succeeded);
    const conditions = [
      'the cookie says SameSite=Lax or Strict',
      ...(siblings.length > 0 ? ['no other host of the same site can be made to attack'] : []),
    ];
    const contrary = [
      ...(siblings.length > 0
        ? [
            `SameSite does not stop a sub-domain: with ${list([...new Set(siblings.map(({ factors }) => String(factors.same_site)))])} a page of another host of the same site made the transfer.`,
          ]
        : []),
      ...(unset.length > 0
        ? [
            'A cookie without SameSite is not treated as Lax at first: a form posted from another site, soon after login, made the transfer.',
          ]
        : []),
    ];
    return holdsOnlyIf(list(conditions), {
      ...grounds,
      contrary: contrary.length === 0 ? null : contrary.join(' '),
      turns: 'A CSRF token makes it hold in every case that was tried.',
    });
  },
};
