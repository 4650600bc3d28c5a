/** Checks 63 and 64: replies to requests without a credential, and headers that every reply should have. */
import { ROUTES } from '../../../servers/contract.ts';
import { type Check, guards, verdict } from '../check.ts';
import type { Call } from '../http.ts';
import type { Which } from '../which.ts';

const FAMILY = 'cookies and browser';
const REPLICAS: readonly Which[] = [0, 1];
/** No fallback covers `base-uri` and `frame-ancestors`. */
const POLICY = ['object-src', 'base-uri', 'frame-ancestors'] as const;
const ONE_YEAR_SECONDS = 31_536_000;

const anonymous: Check = {
  id: 63,
  name: 'gives no cookie to requests without a credential',
  family: FAMILY,
  refs: ['ASVS 7.6.2'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  async run(target) {
    const calls: readonly Call[] = [
      ROUTES.public,
      ROUTES.healthz,
      ROUTES.me,
      ROUTES.admin,
      { ...ROUTES.login, json: { username: 'nobody', password: 'wrong' } },
    ];
    const faults: string[] = [];
    for (const which of REPLICAS) {
      for (const asked of calls) {
        const { cookies, status } = await target.call(which, asked);
        const given = cookies.filter(({ deletes }) => !deletes).length;
        if (given > 0) faults.push(`${asked.method} ${asked.path} without a credential (${status}) sets a cookie`);
      }
    }
    return verdict([...new Set(faults)], `${calls.length} kinds of anonymous request got no cookie`);
  },
};

const headers: Check = {
  id: 64,
  name: 'with security headers on, every reply has them, behind TLS with HSTS',
  family: FAMILY,
  refs: ['ASVS 3.4.1', 'ASVS 3.4.3', 'ASVS 3.4.4', 'ASVS 3.4.5', 'ASVS 3.4.6'],
  quick: false,
  variant: 'hardened',
  appliesTo: () => true,
  async run(target) {
    const calls: readonly (readonly [what: string, call: Call])[] = [
      ['a public reply', ROUTES.public],
      ['an authenticated route', ROUTES.me],
      ['an unknown path', { method: 'GET', path: '/nowhere' }],
      ['a bad request', { ...ROUTES.login, json: { username: 7 } }],
    ];
    const faults: string[] = [];
    for (const [what, asked] of calls) {
      const { header } = await target.call(0, asked);
      const lacks = (name: string) => faults.push(`${what} lacks ${name}`);
      const age = /(?:^|;)\s*max-age=(\d+)/i.exec(header('strict-transport-security') ?? '')?.[1];
      if (Number(age ?? 0) < ONE_YEAR_SECONDS) lacks('a year of HSTS');
      if (header('x-content-type-options')?.toLowerCase() !== 'nosniff') lacks('nosniff');
      const policy = header('content-security-policy') ?? '';
      for (const directive of POLICY) if (!policy.includes(`${directive} 'none'`)) lacks(`${directive} 'none'`);
      if (header('referrer-policy') === null) lacks('a referrer policy');
    }
    return verdict(faults, `${calls.length} kinds of reply have HSTS, nosniff and a policy against framing`);
  },
};

export const REPLIES: readonly Check[] = [anonymous, headers];
