/** Checks 32 to 35 of a service: it may set cookies that are no credential, such as a CSRF token that scripts must read. */
import { fail, pass, verdict } from '../../bench/gate/check.ts';
import { faultsOf, MOST_BYTES, readableFault, sameSiteFault } from '../../bench/gate/checks/cookies.ts';
import type { ClientSession } from '../../bench/gate/client-session.ts';
import { readSetCookie, type SetCookie } from '../../bench/gate/cookies.ts';
import { ROUTES } from '../../servers/contract.ts';
import type { Place } from '../config/request-schema.ts';
import type { ServiceTarget } from './adapter.ts';
import type { Run } from './own-check.ts';

const nameIn = (place: Place | undefined): string[] => (place !== undefined && 'cookie' in place ? [place.cookie] : []);

/** The cookies that authenticate a user: those of the configuration, and any other that suffices by itself. */
async function credentials(
  target: ServiceTarget,
): Promise<{ session: ClientSession; cookies: SetCookie[]; bodies: string[] }> {
  const { login } = target.subject.service;
  const session = await target.login(0, target.freshUser());
  const me = await target.read(0, session);
  const named = [...nameIn(login.credential), ...nameIn(login.refreshToken)];
  const cookies: SetCookie[] = [];
  for (const cookie of [session.reply, me].flatMap((answer) => answer.cookies)) {
    const { name, value, deletes } = cookie;
    if (deletes) continue;
    const alone = async () => target.call(0, { ...ROUTES.me, headers: { cookie: `${name}=${value}` } });
    if (named.includes(name) || (await alone()).status === 200) cookies.push(cookie);
  }
  return { session, cookies, bodies: [session.reply.text, me.text] };
}

/** ASVS 3.3.1 asks for either prefix, and a refresh token's own path leaves only `__Secure-`. */
function secureFault({ name, attributes }: SetCookie): string | null {
  if (!attributes.has('secure')) return 'has no Secure';
  if (!/^__(?:Host|Secure)-/.test(name)) return 'has neither the prefix __Host- nor __Secure-';
  if (!name.startsWith('__Host-')) return null;
  if (attributes.get('path') !== '/') return 'has another Path than /, so browsers drop it';
  return attributes.has('domain') ? 'has a Domain, so browsers drop it' : null;
}

export const COOKIES_IN_PLACE: Readonly<Record<number, Run>> = {
  32: async (target) => {
    const { session, cookies } = await credentials(target);
    const names = new Set(cookies.map(({ name }) => name));
    // Only what the service itself sent: a browser ignores a deletion by which it could not have set the cookie.
    const ended = target.has('logout') ? (await target.write(0, session, ROUTES.logout.path)).all('set-cookie') : [];
    const deletions = ended
      .flatMap((line) => readSetCookie(line) ?? [])
      .filter(({ name, deletes }) => deletes && names.has(name) && name.startsWith('__'));
    const faults = [
      ...faultsOf(cookies, secureFault),
      ...faultsOf(deletions, secureFault).map((fault) => `the deletion of ${fault}`),
    ];
    return verdict(faults, `Secure, with the prefix of ${[...names].join(' and ')}`);
  },

  33: async (target) => {
    const { session, cookies, bodies } = await credentials(target);
    const texts = [...bodies, (await target.write(0, session)).text];
    const faults = faultsOf(cookies, (cookie) => readableFault(cookie, texts));
    return verdict(faults, 'HttpOnly, and its value in no body');
  },

  34: async (target) => {
    const { cookies } = await credentials(target);
    const faults = faultsOf(cookies, sameSiteFault);
    return verdict(faults, `SameSite=${cookies[0]?.attributes.get('samesite') ?? ''}`);
  },

  // Its client may have had the cookie before the login, too.
  35: async (target) => {
    const { cookies } = await target.login(0, target.freshUser());
    const sizes = cookies.map(({ name, value }) => Buffer.byteLength(name + value, 'latin1'));
    const detail = `name and value take ${Math.max(...sizes)} of ${MOST_BYTES} bytes`;
    return Math.max(...sizes) <= MOST_BYTES ? pass(detail) : fail(detail);
  },
};
