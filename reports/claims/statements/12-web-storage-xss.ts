import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { isBoundToken } from '../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds } from '../claim.ts';
import { always, never } from '../evidence.ts';
import { attacks } from '../in-browser.ts';

const label = ({ arm, factors }: Figure) => `${arm}, ${factors.storage}, ${factors.attack}`;

export const webStorageXss: Claim = {
  number: 12,
  id: 'web-storage-xss',
  statement: 'Tokens in web storage are exposed to XSS.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    const bound = evidence.armsWhere(isBoundToken);
    const isBearer = ({ arm }: Figure) => !bound.includes(arm ?? '');
    const everyStored = ['local-storage', 'session-storage'].flatMap((storage) =>
      attacks(evidence, { attack: 'script-reads-storage', storage }),
    );
    // A token bound to a key can be read as well, but is useless without the key.
    const stored = everyStored.filter(isBearer);
    const kept = everyStored.filter((figure) => !isBearer(figure) && never(figure));
    if (stored.length === 0) return null;
    const heard = attacks(evidence, { attack: 'script-listens-in', storage: 'memory' }).filter(isBearer);
    const used = attacks(evidence, { attack: 'script-uses-page' });
    const places = list([...new Set(stored.filter(always).map(({ factors }) => String(factors.storage)))]);
    const memory = heard.length > 0 && heard.every(always);
    const grounds: Grounds = {
      because:
        `${places === '' ? 'No injected script read a token that worked outside the browser.' : `An injected script read the token, which then worked outside the browser: ${places}.`} ${used.length === 0 ? '' : `Without reading anything, the script could also act through the page in ${used.filter(always).length} of ${used.length} cases, including with HttpOnly cookies.`}`.trim(),
      figures: [...stored, ...kept, ...heard, ...used].map((figure) => ({ label: label(figure), figure })),
      contrary: memory
        ? 'Keeping the token in a closure does not protect it: a script that intercepts the page’s fetch obtained it with the next call.'
        : null,
      turns: `This changes with an HttpOnly cookie, which scripts cannot read: see claim 13.${kept.length === 0 ? '' : ` It changes too with a token that is bound to a key of the page: that of ${kept[0]?.arm} was read, and did not work elsewhere.`}`,
    };
    return stored.every(always) ? holds(grounds) : doesNotHold(grounds);
  },
};
