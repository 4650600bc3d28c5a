/** The rechecks before a critical operation, shared by schemes with a common store. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { orUnavailable, Unauthenticated } from '../errors.ts';
import type { Guard } from '../scheme.ts';
import { type Accounts, disabledKey } from '../stores/accounts.ts';
import type { RedisStore } from '../stores/redis.ts';
import { sessionKey } from '../stores/session-index.ts';

/** Refuses a disabled user; it costs one command. */
export function refuseDisabled(accounts: Accounts): Guard {
  return (request, _reply, done) => {
    if (request.identity === null) return done(new Unauthenticated());
    accounts
      .isDisabled(request.identity.id)
      .then((disabled) => (disabled ? done(new Unauthenticated()) : done()), done);
  };
}

/**
 * Checks that the session still exists and its user is not disabled, for schemes whose light reads may use a copy of
 * it. @param ended is called before a request is refused, to drop the copy
 */
export function recheckSession(
  redis: RedisStore,
  ended: (request: FastifyRequest, reply: FastifyReply) => void,
): Guard {
  return (request, reply, done) => {
    const { identity, leanSessionId } = request;
    if (identity === null) return done(new Unauthenticated());
    const session = redis.reads.exists(sessionKey(redis, leanSessionId));
    const disabled = redis.reads.exists(disabledKey(redis, identity.id));
    // Both commands are sent together, in one round trip.
    orUnavailable(Promise.all([session, disabled])).then(([exists, isDisabled]) => {
      if (exists === 1 && isDisabled === 0) return done();
      ended(request, reply);
      done(new Unauthenticated());
    }, done);
  };
}
