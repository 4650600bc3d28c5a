/** Tools for broken session schemes: they use the store and the cookie of `session-redis-lean` directly. */
import { createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../contract.ts';
import { createCsrf } from '../csrf.ts';
import { secretBytes } from '../keys.ts';
import { type Credential, redisOf, type Scheme, type SchemeContext } from '../scheme.ts';
import { cookieAttributes, readCookie, sessionCookieName } from '../schemes/session-cookie.ts';
import { indexKey, sessionKey } from '../stores/session-index.ts';
import { readRecord } from '../stores/session-record.ts';

const ID_LENGTH = 43;

/** Returns the session id in the request's cookie without checking its signature; null if none has the right length. */
export function idInCookie(request: FastifyRequest, { settings }: SchemeContext): string | null {
  const id = readCookie(request.headers.cookie, sessionCookieName(settings))?.slice(0, ID_LENGTH);
  return id?.length === ID_LENGTH ? id : null;
}

export function signedCookie(sessionId: string, { secrets }: SchemeContext): string {
  const signature = createHmac('sha256', secretBytes(secrets.cookieKey, 'cookieKey')).update(sessionId);
  return `${sessionId}.${signature.digest('base64url')}`;
}

/** Returns the user of a session, whichever cookie named it. */
export async function userOf(sessionId: string, context: SchemeContext): Promise<Identity | null> {
  const redis = redisOf(context);
  const json = await redis.client.get(sessionKey(redis, sessionId));
  return json === null ? null : (readRecord(json)?.user ?? null);
}

/** Logs in as the scheme does, and then gives the session an id that the caller chose. */
export async function issueAs(
  chosenId: string,
  real: Scheme,
  context: SchemeContext,
  [request, reply, user]: readonly [FastifyRequest, FastifyReply, Identity],
): Promise<Credential | null> {
  const credential = await real.issue(request, reply, user);
  const [issued] = [reply.getHeader('set-cookie')].flat();
  const name = sessionCookieName(context.settings);
  const oldId = readCookie(String(issued), name)?.slice(0, ID_LENGTH);
  if (credential === null || oldId === undefined) return null;
  const redis = redisOf(context);
  const userKey = indexKey(redis, user.id);
  const endsAtMs = await redis.client.zscore(userKey, oldId);
  await redis.client
    .multi()
    .rename(sessionKey(redis, oldId), sessionKey(redis, chosenId))
    .zrem(userKey, oldId)
    .zadd(userKey, endsAtMs ?? 0, chosenId)
    .exec();
  reply.removeHeader('set-cookie');
  reply.header('set-cookie', `${name}=${signedCookie(chosenId, context)}${cookieAttributes(context.settings)}`);
  return { ...credential, csrfToken: createCsrf(context.secrets).token(chosenId) };
}

/** Wraps a scheme so that it also accepts the session id that `find` returns for a request. */
export function alsoAcceptsSession(
  real: Scheme,
  context: SchemeContext,
  find: (request: FastifyRequest) => Promise<string | null>,
): Scheme {
  async function adopt(request: FastifyRequest): Promise<boolean> {
    const sessionId = await find(request);
    const user = sessionId === null ? null : await userOf(sessionId, context);
    if (sessionId === null || user === null) return false;
    request.identity = user;
    request.leanSessionId = sessionId;
    return true;
  }
  return {
    ...real,
    authenticate: (request, reply, done) =>
      real.authenticate(request, reply, (error) => {
        if (error === undefined) return done();
        adopt(request).then(
          (yes) => done(yes ? undefined : error),
          () => done(error),
        );
      }),
  };
}
