/** Checks 104 and 105 for a service: who may log in, and what a link can do. */
import { fail, pass, verdict } from '../../bench/gate/check.ts';
import { isFor } from '../../bench/gate/target.ts';
import { TollgateError } from '../../core/errors.ts';
import { logIn } from '../flow/login.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import type { ServiceTarget } from './adapter.ts';
import { type OwnCheck, own } from './own-check.ts';
import { isFor as isAnsweredFor } from './subject.ts';

/** Whether a login with this password leads to the guarded reply. Any other reply is a refusal. */
async function isLetIn(target: ServiceTarget, username: string, password: string): Promise<boolean> {
  const { service } = target.subject;
  const endpoint = target.endpoint(0);
  try {
    const session = await logIn(service, endpoint, { username, password }, { ask: target.ask });
    const answer = await target.ask(endpoint, callOf(service.requests.guarded, session));
    return isAnsweredFor(service, answer, { username, password });
  } catch (error) {
    if (error instanceof TollgateError) return false;
    throw error;
  }
}

const ENDINGS = ['logout', 'logoutAll'] as const;
const CHANGES = ['critical', ...ENDINGS] as const;

export const LOGIN_CHECKS: readonly OwnCheck[] = [
  {
    ...own,
    id: 104,
    name: 'a wrong password logs nobody in',
    refs: ['ASVS 8.3.1'],
    run: async (target) => {
      const { username, password } = target.freshUser();
      // Each is tried once, because a service may lock a user out after a few.
      const wrong = [`${password}x`, ''];
      for (const text of wrong)
        if (await isLetIn(target, username, text))
          return fail(`${text === '' ? 'an empty' : 'a wrong'} password was accepted`);
      return pass(`${wrong.length} wrong passwords were refused`);
    },
  },
  {
    ...own,
    id: 105,
    name: 'a link of another site changes nothing',
    refs: ['ASVS 3.5.3'],
    quick: false,
    run: async (target) => {
      const { requests } = target.subject.service;
      const faults: string[] = [];
      for (const purpose of CHANGES) {
        const request = requests[purpose];
        if (request !== undefined && (request.method ?? 'GET') === 'GET') faults.push(`${purpose} is a GET`);
      }
      for (const purpose of ENDINGS) {
        const request = requests[purpose];
        if (request === undefined || (request.method ?? 'GET') === 'GET') continue;
        const session = await target.login(0, target.freshUser());
        const cookie = session.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
        const { path, to } = callOf(request, NOTHING);
        // The cookies of the service go to no other host.
        const headers = (to?.otherHost ?? null) === null ? { cookie } : {};
        await target.ask(target.endpoint(0), { method: 'GET', path, headers, ...(to === undefined ? {} : { to }) });
        if (!isFor(await target.read(0, session), session.user))
          faults.push(`a GET ended the session as ${purpose} does`);
      }
      return verdict(faults, 'what changes something is not done by GET');
    },
  },
];
