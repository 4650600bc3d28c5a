/** Check 106 for a service: nobody can write the credential of another user. */
import { fail, pass } from '../../bench/gate/check.ts';
import { secretOf, withSecret } from '../../bench/gate/client-session.ts';
import type { Answer } from '../../bench/gate/http.ts';
import { isFor } from '../../bench/gate/target.ts';
import { forgedFrom, isMadeOfName } from './forged.ts';
import { type OwnCheck, own } from './own-check.ts';

export const FORGERY_CHECKS: readonly OwnCheck[] = [
  {
    ...own,
    id: 106,
    name: 'a credential cannot be written for another user',
    refs: ['ASVS 7.2.1', 'ASVS 7.2.3'],
    run: async (target) => {
      const [user, victim] = [target.freshUser(), target.freshUser()];
      const [session, other] = [await target.login(0, user), await target.login(0, victim)];
      const [secret, another] = [secretOf(session), secretOf(other)];
      if (secret === null || another === null) return fail('the login gave no credential');
      const given = { secret, username: user.username };
      if (isMadeOfName(given)) return fail('the credential is the username, or a hash of it');
      const own = await target.read(0, session);
      const { identity } = target.subject.service;
      // Without `identity`, a page that names the victim is the victim's, unless the page of the other user does so too.
      const names = ({ text }: Answer) => text.includes(victim.username);
      const isVictims = (answer: Answer) =>
        identity === null ? answer.status === 200 && names(answer) && !names(own) : isFor(answer, victim);
      const forged = forgedFrom(given, { secret: another, username: victim.username });
      for (const text of forged) {
        if (isVictims(await target.read(0, withSecret(session, text))))
          return fail('a credential rewritten with another user’s name or number was accepted as that user’s');
      }
      return pass(
        forged.length === 0
          ? 'the credential contains no name or number of its user that a client could change'
          : `${forged.length} credentials rewritten for another user were refused`,
      );
    },
  },
];
