import type { Figure } from '../../../core/results/schema.ts';
import { list } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, type Grounds, holds } from '../claim.ts';
import { always } from '../evidence.ts';
import { attacks } from '../in-browser.ts';

const label = ({ arm, factors }: Figure) => `${arm}, ${factors.storage}, ${factors.attack}`;

export const webStorageXss: Claim = {
  number: 12,
  id: 'web-storage-xss',
  statement: 'Tokens in web storage are exposed to XSS.',
  experiments: ['browser'],
  charts: ['browser'],
  judge(evidence) {
    const stored = ['local-storage', 'session-storage'].flatMap((storage) =>
      attacks(evidence, { attack: 'script-reads-storage', storage }),
    );
    if (stored.length === 0) return null;
    const heard = attacks(evidence, { attack: 'script-listens-in', storage: 'memory' });
    const used = attacks(evidence, { attack: 'script-uses-page' });
    const places = list([...new Set(stored.filter(always).map(({ factors }) => String(factors.storage)))]);
    const memory = heard.length > 0 && heard.every(always);
    const grounds: Grounds = {
      because:
        `An injected script read the token and it worked from outside the browser: ${places || 'from nowhere'}. ${used.length === 0 ? '' : `And the script could use the page itself, without reading anything, in ${used.filter(always).length} of ${used.length} cases, HttpOnly cookies included.`}`.trim(),
      figures: [...stored, ...heard, ...used].map((figure) => ({ label: label(figure), figure })),
      contrary: memory
        ? 'Keeping the token in a closure is no protection either: a script that listens in on the page’s own fetch had it with the next call.'
        : null,
      turns: 'Turns with an HttpOnly cookie, as far as reading goes: see claim 13.',
    };
    return stored.every(always) ? holds(grounds) : doesNotHold(grounds);
  },
};
