/** The recheck before a critical operation, shared by schemes with a common store. */
import { Unauthenticated } from '../errors.ts';
import type { Guard } from '../scheme.ts';
import type { Accounts } from '../stores/accounts.ts';

/** Refuses a disabled user; it costs one command. */
export function refuseDisabled(accounts: Accounts): Guard {
  return (request, _reply, done) => {
    if (request.identity === null) return done(new Unauthenticated());
    accounts
      .isDisabled(request.identity.id)
      .then((disabled) => (disabled ? done(new Unauthenticated()) : done()), done);
  };
}
