/** Checks 33 and 34 of a service: it may set cookies that are no credential, such as a CSRF token that scripts must read. */
import { verdict } from '../../bench/gate/check.ts';
import { faultsOf, readableFault, sameSiteFault } from '../../bench/gate/checks/cookies.ts';
import type { ClientSession } from '../../bench/gate/client-session.ts';
import type { SetCookie } from '../../bench/gate/cookies.ts';
import { ROUTES } from '../../servers/contract.ts';
import type { Place } from '../config/request-schema.ts';
import type { ServiceTarget } from './adapter.ts';
import type { Run } from './own-check.ts';

const nameIn = (place: Place | undefined): string[] => (place !== undefined && 'cookie' in place ? [place.cookie] : []);

/** The cookies that log a user in: those of the configuration, and whatever else is let in by itself. */
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

export const COOKIES_IN_PLACE: Readonly<Record<number, Run>> = {
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
};
