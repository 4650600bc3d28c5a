import { isTokenInCookie } from '../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf } from '../claim.ts';
import { never } from '../evidence.ts';
import { attacks, attackText, forgeries } from '../in-browser.ts';

export const httpOnlyToken: Claim = {
  number: 13,
  id: 'httponly-token',
  statement: 'A token in an HttpOnly cookie regains the browser’s protections.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    const inCookie = evidence.armWhere(isTokenInCookie);
    const read = ['script-reads-storage', 'script-listens-in'].flatMap((attack) =>
      attacks(evidence, { attack }, inCookie),
    );
    if (read.length === 0) return null;
    const used = attacks(evidence, { attack: 'script-uses-page' }, inCookie);
    const own = (csrf: string) => forgeries(evidence, { csrf }).filter(({ arm }) => arm === inCookie);
    const [bare, guarded] = [own('off'), own('on')];
    if (bare.length === 0 || guarded.length === 0) return null;
    const forged = bare.filter(({ value }) => value > 0);
    const through = guarded.filter(({ value }) => value > 0);
    const grounds: Grounds = {
      because: `A script ${read.every(never) ? 'could not read it in any way that was tried' : 'could read it'}; ${forged.length} of ${bare.length} kinds of attack from other pages succeeded without CSRF token and SameSite, and ${through.length} of ${guarded.length} with both.`,
      figures: [
        ...read.map((figure) => ({ label: `${inCookie}, ${figure.factors.attack}`, figure })),
        ...used.map((figure) => ({ label: `${inCookie}, ${figure.factors.attack}`, figure })),
        ...[...forged, ...through].map((figure) => ({ label: attackText(figure), figure })),
      ],
      contrary: used.some(({ value }) => value > 0)
        ? 'HttpOnly does not stop an injected script from acting: it made the transfer through the page without reading the token.'
        : null,
    };
    if (!read.every(never) || through.length > 0) return doesNotHold(grounds);
    if (forged.length === 0) return holds(grounds);
    return holdsOnlyIf('CSRF protection is added, which a bearer token does not need', grounds);
  },
};
