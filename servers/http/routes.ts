/** The handlers that all arms share. They know the request and who made it, and nothing about how that was established. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

import {
  AdminReply,
  HealthReply,
  Identity,
  LoginBody,
  LoginReply,
  PublicReply,
  RefreshBody,
  ROUTES,
  TransferBody,
  TransferReply,
} from '../contract.ts';
import type { Directory } from '../directory.ts';
import { Forbidden, HttpError, Unauthenticated } from '../errors.ts';
import { Type } from '../schema.ts';
import type { Guard, Scheme } from '../scheme.ts';
import type { Accounts } from '../stores/accounts.ts';
import type { LoginLimit } from './login-limit.ts';

const DisableParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
/** An unknown user, a wrong password and a disabled user get the same answer, so that login does not reveal which users exist. */
const BAD_LOGIN = 'The username or password is wrong.';

export function installHealth(app: FastifyInstance): void {
  const reply = { status: 'ok' } as const;
  app.get(ROUTES.healthz.path, { schema: { response: { 200: HealthReply } } }, async () => reply);
}

/** @param mayStore false if a scheme's hooks may set a user's cookie on the reply, which caches must then not store */
export function installPublic(app: FastifyInstance, mayStore: boolean): void {
  const body = { service: 'tollgate' } as const;
  const onRequest = mayStore ? [] : [noStore];
  app.get(ROUTES.public.path, { onRequest, schema: { response: { 200: PublicReply } } }, async () => body);
}

export interface GuardedParts {
  readonly scheme: Scheme;
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly loginLimit: LoginLimit;
  /** Forwards a checked `GET /me` to the next service of a chain; null for a server outside a chain. */
  readonly forward: Guard | null;
}

/** Installs login and refresh, which issue credentials, and every route that needs one. */
export function installGuardedRoutes(
  app: FastifyInstance,
  { scheme, directory, accounts, loginLimit, forward }: GuardedParts,
): void {
  const guards = guardsOf(scheme);

  app.post<{ Body: LoginBody }>(
    ROUTES.login.path,
    { onRequest: noStore, schema: { body: LoginBody, response: { 200: LoginReply } } },
    async (request, reply) => {
      await loginLimit.check(request);
      const user = await directory.authenticate(request.body.username, request.body.password);
      if (user === null || (await accounts.isDisabled(user.id))) {
        await loginLimit.failed(request);
        throw new Unauthenticated(BAD_LOGIN);
      }
      await loginLimit.check(request);
      const credential = await scheme.issue(request, reply, user);
      if (credential === null) throw new Unauthenticated(BAD_LOGIN);
      return { user, ...credential };
    },
  );

  const { refresh } = scheme;
  if (refresh !== null) {
    app.post<{ Body: RefreshBody | null }>(
      ROUTES.refresh.path,
      { onRequest: noStore, schema: { body: Type.Union([RefreshBody, Type.Null()]), response: { 200: LoginReply } } },
      async (request, reply) => {
        const { user, credential } = await refresh(request, reply, request.body?.refreshToken);
        return { user, ...credential };
      },
    );
  }

  const readMe = forward === null ? guards.read : [...guards.read, forward];
  app.get(ROUTES.me.path, { onRequest: readMe, schema: { response: { 200: Identity } } }, (request, reply) => {
    reply.send(identityOf(request));
  });

  app.get(
    ROUTES.admin.path,
    { onRequest: [...guards.read, requireRole(ROUTES.admin.role)], schema: { response: { 200: AdminReply } } },
    async (request) => ({ area: 'admin', username: identityOf(request).username }) as const,
  );

  app.post<{ Body: TransferBody }>(
    ROUTES.transfer.path,
    { onRequest: guards.critical, schema: { body: TransferBody, response: { 200: TransferReply } } },
    async (request) => {
      const { to, amount } = request.body;
      return { accepted: true, from: identityOf(request).username, to, amount } as const;
    },
  );

  app.post(ROUTES.logout.path, { onRequest: guards.write }, async (request, reply) => {
    await scheme.end(request, reply);
    return reply.code(204).send();
  });

  // An ended credential must not be able to log its user out everywhere.
  app.post(ROUTES.logoutAll.path, { onRequest: guards.critical }, async (request, reply) => {
    await scheme.endAll(request, reply);
    return reply.code(204).send();
  });

  app.post<{ Params: { id: string } }>(
    ROUTES.disableUser.path,
    { onRequest: [...guards.critical, requireRole(ROUTES.disableUser.role)], schema: { params: DisableParams } },
    async (request, reply) => {
      const user = directory.byId(request.params.id);
      if (user === undefined) throw new HttpError(404, 'There is no such user.');
      // Disable first: a login after that is refused, and one before it is in the index that `terminate` clears.
      await accounts.disable(user.id);
      await scheme.terminate(user.id);
      return reply.code(204).send();
    },
  );
}

/** The guards of a request, by what its handler does. All run before the body is read. */
function guardsOf(scheme: Scheme): { read: Guard[]; write: Guard[]; critical: Guard[] } {
  const read = [noStore, scheme.authenticate];
  const write = scheme.verifyCsrf === null ? read : [...read, scheme.verifyCsrf];
  const critical = scheme.recheck === null ? write : [...write, scheme.recheck];
  return { read, write, critical };
}

const noStore: Guard = (_request, reply, done) => {
  reply.header('cache-control', 'no-store');
  done();
};

function requireRole(role: string): Guard {
  return (request, _reply, done) => {
    if (identityOf(request).roles.includes(role)) done();
    else done(new Forbidden(`The role ${role} is needed.`));
  };
}

/** Returns who made the request. It fails closed: without an identity from the scheme the request is unauthenticated. */
function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Unauthenticated();
  return request.identity;
}
