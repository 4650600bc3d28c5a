/** Checks 29 and 55: critical operations, which must not rely on what was true when the credential was issued. */
import { ROUTES } from '../../../servers/contract.ts';
import { type Check, fail, guards, limit, type Outcome, pass } from '../check.ts';
import { endOnceServed } from '../end-credential.ts';
import { useAll } from '../ending.ts';
import { criticalLimit, homeOf, recheckLimit } from '../promises.ts';
import { writeOnceServed } from '../served.ts';

const FAMILY = 'session';

const critical: Check = {
  id: 29,
  name: 'a critical operation is checked against current state',
  family: FAMILY,
  refs: ['ASVS 7.5.3'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  limitOf: recheckLimit,
  async run(target): Promise<Outcome> {
    const session = await target.login(1, target.freshUser());
    const home = homeOf(target.arm, 1);
    const transfers = async () =>
      (await Promise.all(home.map((which) => writeOnceServed(target, which, session)))).map((a) => a.status);
    const before = await transfers();
    if (before.some((status) => status !== 200)) return fail(`a transfer returned ${before.join(' and ')}`);
    await target.disable(0, session.user);
    const after = await transfers();
    if (after.every((status) => status === 401)) return pass('a disabled user’s transfer was refused at once');
    if (after.every((status) => status === 200 || status === 401))
      return limit('a disabled user’s transfer was accepted');
    return fail(`a disabled user’s transfer returned ${after.join(' and ')}`);
  },
};

const criticalAfterEnding: Check = {
  id: 55,
  name: 'after logout, and logout everywhere, a critical operation is refused',
  family: FAMILY,
  refs: ['ASVS 7.4.1', 'ASVS 7.5.3'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  limitOf: criticalLimit,
  async run(target) {
    const accepted: string[] = [];
    const endings = (['logout', 'logoutAll'] as const).filter(target.has).map((name) => ROUTES[name]);
    for (const route of endings) {
      const user = target.freshUser();
      const ended = await target.login(1, user);
      const home = homeOf(target.arm, 1);
      // Each replica has seen the credential, so a cached copy would be used now.
      await useAll(target, [{ session: ended, replicas: home }]);
      // It outlives the logout, and must not be accepted in place of the ended credential.
      const other = await target.login(home[0] ?? 1, user);
      const byWhom = route === ROUTES.logout ? ended : other;
      const { answer, hasEnded } = await endOnceServed(() => target.write(home[0] ?? 1, byWhom, route.path));
      if (!hasEnded) return fail(`${route.path} returned ${answer.status}`);
      for (const which of home) {
        const transfer = await writeOnceServed(target, which, ended);
        if (transfer.status === 401) continue;
        if (transfer.status !== 200) return fail(`a transfer after ${route.path} returned ${transfer.status}`);
        accepted.push(route.path);
      }
    }
    if (accepted.length === 0) return pass('transfers with a revoked credential were refused by every replica');
    return limit(`a transfer was accepted after ${[...new Set(accepted)].join(' and ')}`);
  },
};

export const CRITICAL: readonly Check[] = [critical, criticalAfterEnding];
