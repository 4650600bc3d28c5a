/** Checks 42 and 43 for a service's refresh tokens: its clients may have cookies, and its tokens need no ids. */
import { fail, notApplicable, verdict } from '../../bench/gate/check.ts';
import { type ClientSession, secretOf } from '../../bench/gate/client-session.ts';
import { nextSecond } from '../../bench/gate/next-second.ts';
import { isFor } from '../../bench/gate/target.ts';
import type { Which } from '../../bench/gate/which.ts';
import type { ServiceTarget } from './adapter.ts';
import type { Run } from './own-check.ts';

const REFUSED = 'a valid refresh token was refused';

/**
 * The next of a family, issued in another second, since tokens without an id are equal within one. Null if it is
 * refused.
 */
async function renewed(target: ServiceTarget, which: Which, session: ClientSession): Promise<ClientSession | null> {
  await nextSecond();
  return target.renew(which, session);
}

export const REFRESH_IN_PLACE: Readonly<Record<number, Run>> = {
  42: async (target) => {
    const first = await target.login(0, target.freshUser());
    if (first.refreshToken === null) return fail('the login gave no refresh token');
    const second = await renewed(target, 1, first);
    if (second === null) return fail(REFUSED);
    const faults: string[] = [];
    if (second.refreshToken === first.refreshToken) faults.push('the new refresh token is the old one');
    if (secretOf(second) === secretOf(first)) faults.push('the new access token is the old one');
    const read = await target.read(0, second);
    if (!isFor(read, first.user)) faults.push(`the new access token was answered with ${read.status}`);
    const { status } = await target.refresh(0, first.refreshToken);
    if (status === 200) faults.push('a used refresh token was accepted again');
    return verdict(faults, 'a refresh token was accepted once and then refused');
  },

  43: async (target) => {
    const first = await target.login(0, target.freshUser());
    if (first.refreshToken === null) return fail('the login gave no refresh token');
    const second = await renewed(target, 1, first);
    if (second === null) return fail(REFUSED);
    if (second.refreshToken === first.refreshToken) return notApplicable('the refresh token stays the same (check 42)');
    const third = await renewed(target, 0, second);
    if (third === null) return fail(REFUSED);
    // The thief or the victim reuses the token; the service cannot know which.
    const reuse = await target.refresh(1, first.refreshToken);
    if (reuse.status === 200) return notApplicable('a used refresh token is accepted again (check 42)');
    const { status } = await target.refresh(0, third.refreshToken ?? '');
    return verdict(
      status === 200 ? ['after the reuse of a token, the newest of its family was still accepted'] : [],
      'a reuse ended its family',
    );
  },
};
