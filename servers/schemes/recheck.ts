/** The re-check before a critical operation that schemes with a shared store have in common. */
import { Unauthenticated } from '../errors.ts';
import type { Guard } from '../scheme.ts';
import type { Accounts } from '../stores/accounts.ts';

/** Refuses a user who has been disabled; costs one command. */
export function refuseDisabled(accounts: Accounts): Guard {
  return (request, _reply, done) => {
    if (request.identity === null) return done(new Unauthenticated());
    accounts
      .isDisabled(request.identity.id)
      .then((disabled) => (disabled ? done(new Unauthenticated()) : done()), done);
  };
}
