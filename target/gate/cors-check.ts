/** Check 38 of a service: pages of any origin may read only replies for which the browser adds no credential by itself. */
import { verdict } from '../../bench/gate/check.ts';
import { LOOKALIKES } from '../../bench/gate/checks/browser.ts';
import { headersOf } from '../../bench/gate/client-session.ts';
import type { Answer } from '../../bench/gate/http.ts';
import { CSRF_HEADER, ROUTES } from '../../servers/contract.ts';
import type { Run } from './own-check.ts';

export const CORS_IN_PLACE: Readonly<Record<number, Run>> = {
  38: async (target) => {
    const session = await target.login(0, target.freshUser());
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': CSRF_HEADER };
    const [allowed, trusted] = [new Set<string>(), new Set<string>()];
    const isCookie = target.arm.needsCsrfProtection;
    for (const origin of LOOKALIKES) {
      const allows = ({ header }: Answer) => header('access-control-allow-origin') === origin;
      const guarded = await target.call(0, { ...ROUTES.me, headers: { ...headersOf(session), origin } });
      const answers = [
        guarded,
        await target.call(0, { ...ROUTES.public, headers: { origin } }),
        await target.call(0, { method: 'OPTIONS', path: ROUTES.transfer.path, headers: { origin, ...preflight } }),
      ];
      // Only both together let a page use the browser's cookies (Fetch, CORS check).
      if (answers.some((answer) => allows(answer) && answer.header('access-control-allow-credentials') === 'true'))
        trusted.add(origin);
      else if (isCookie && allows(guarded)) allowed.add(origin);
      else if (isCookie && guarded.header('access-control-allow-origin') === '*') allowed.add('*');
    }
    const faults = [
      ...(trusted.size === 0 ? [] : [`may send cookies: ${[...trusted].join(', ')}`]),
      ...(allowed.size === 0 ? [] : [`may read the guarded reply: ${[...allowed].join(', ')}`]),
    ];
    return verdict(faults, `${LOOKALIKES.length} other origins may not use the browser's credentials`);
  },
};
