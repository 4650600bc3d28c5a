/** Schemes of services that check no credential themselves: another service identifies the sender of a request. */
import type { FastifyRequest } from 'fastify';
import { type Identity, ROUTES } from '../../contract.ts';
import { HttpError, StoreUnavailable, Unauthenticated } from '../../errors.ts';
import { createHttpClient } from '../../http-client.ts';
import type { Scheme, SchemeFactory } from '../../scheme.ts';
import { IDENTITY_HEADER, passedIdentity } from './passed-identity.ts';

/** As long as the Redis client's time-out for a command. */
const DEADLINE_MS = 1_000;
const LARGEST_REPLY_BYTES = 64 * 1024;
const CONNECTIONS = 64;

/** Credentials are issued and ended where they are checked. */
const elsewhere = async (): Promise<never> => {
  throw new HttpError(404, 'This service issues and ends no credentials.');
};

const ISSUES_NOTHING = {
  challenge: null,
  coversPublicRoutes: false,
  verifyCsrf: null,
  recheck: null,
  refresh: null,
  issue: elsewhere,
  end: elsewhere,
  endAll: elsewhere,
  terminate: elsewhere,
} as const satisfies Partial<Scheme>;

/** The headers that hold a client's credential. */
export function credentialOf({ headers }: Pick<FastifyRequest, 'headers'>): Record<string, string> {
  const { authorization, cookie } = headers;
  return { ...(authorization === undefined ? {} : { authorization }), ...(cookie === undefined ? {} : { cookie }) };
}

/** The previous service checked the credential, and passes on the identity. */
export const passedOn: SchemeFactory = ({ secrets, now }) => {
  const passed = passedIdentity(secrets, now);
  return {
    ...ISSUES_NOTHING,
    install: async () => {},
    authenticate(request, _reply, done) {
      request.identity = passed.read(request.headers[IDENTITY_HEADER]);
      done(request.identity === null ? new Unauthenticated() : undefined);
    },
  };
};

/** @throws Error if a reply to `GET /me` contains no identity */
function readIdentity(text: string): Identity {
  const { id, username, roles } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (isText(id) && isText(username) && Array.isArray(roles) && roles.every(isText)) return { id, username, roles };
  throw new Error('The response of the auth service has an unexpected form.');
}

/**
 * Asks an auth service for each request, with the client's credential. It fails closed. @param url of a replica of
 * the arm
 */
export function authServiceScheme(url: string): SchemeFactory {
  return () => {
    const http = createHttpClient({
      origin: url,
      deadlineMs: DEADLINE_MS,
      largestReplyBytes: LARGEST_REPLY_BYTES,
      connections: CONNECTIONS,
    });
    async function ask(headers: Record<string, string>): Promise<Identity | null> {
      try {
        const { status, text } = await http.request({ method: 'GET', path: ROUTES.me.path, headers });
        if (status === 401) return null;
        if (status !== 200) throw new Error(`The auth service returned ${status}.`);
        return readIdentity(text);
      } catch (cause) {
        throw new StoreUnavailable(cause);
      }
    }
    return {
      ...ISSUES_NOTHING,
      async install(scope) {
        scope.addHook('onClose', () => http.close());
      },
      authenticate(request, _reply, done) {
        ask(credentialOf(request)).then((identity) => {
          request.identity = identity;
          done(identity === null ? new Unauthenticated() : undefined);
        }, done);
      },
    };
  };
}
