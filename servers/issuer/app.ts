/**
 * An authorization server: it issues opaque tokens, introspects them (RFC 7662), exchanges them for signed ones (RFC
 * 8693), and revokes them (RFC 7009). Users log in at the replicas, which request a token from it; in production they
 * would log in here, at the same cost.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { SERVICE_TOKEN } from '../contract.ts';
import { Unauthenticated } from '../errors.ts';
import { installProblems } from '../http/problems.ts';
import { requestLimits } from '../http/request-limits.ts';
import { Type } from '../schema.ts';
import {
  ActiveReply,
  CLIENT_ID,
  clientAuthorization,
  DisabledReply,
  EXCHANGE,
  ExchangeForm,
  ExchangeRefusal,
  ExchangeReply,
  ISSUER_PATHS,
  IssueBody,
  IssueReply,
  SignReply,
} from './protocol.ts';
import { createTokenStore, type StoredToken, type TokenStore } from './token-store.ts';

export interface IssuerOptions {
  /** The secret of its clients. */
  readonly secret: string;
  /** PKCS#8 PEM, RSA: signs tokens until the first rotation. Without it none are signed. */
  readonly signingKey?: string | undefined;
  /** Milliseconds since the epoch; tests advance it. */
  readonly now?: () => number;
}

const BODY_LIMIT_BYTES = 16 * 1024;
const SWEEP_MS = 10_000;
const INACTIVE = { active: false } as const;

const TokenForm = Type.Object({ token: Type.String({ minLength: 1, maxLength: 8_192 }) });
const UserParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
/** For an invalid token only `active` is sent. A union of both replies would be checked for each reply. */
const IntrospectionReply = Type.Partial(ActiveReply);

function activeReply({ id, user, issuedAtMs, endsAtMs }: StoredToken): ActiveReply {
  return {
    active: true,
    token_type: 'Bearer',
    client_id: CLIENT_ID,
    sub: user.id,
    username: user.username,
    roles: user.roles,
    iat: Math.floor(issuedAtMs / 1000),
    exp: endsAtMs / 1000,
    jti: id,
  };
}

/** Builds the server, ready to listen. */
export async function buildIssuer({ secret, signingKey, now = Date.now }: IssuerOptions): Promise<FastifyInstance> {
  const store = createTokenStore(now);
  const limits = requestLimits();
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    keepAliveTimeout: 72_000,
    requestTimeout: limits.requestTimeout,
    http: limits,
    return503OnClosing: false,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  installProblems(app, 'Basic realm="tollgate-issuer"');
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())));
  });
  const sweeping = setInterval(() => store.sweep(), SWEEP_MS).unref();
  app.addHook('onClose', async () => clearInterval(sweeping));

  // Hashes have equal length, so the comparison takes constant time.
  const expected = hash('sha256', clientAuthorization(secret), 'buffer');
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.url === ISSUER_PATHS.keySet) return done();
    const given = hash('sha256', request.headers.authorization ?? '', 'buffer');
    done(timingSafeEqual(given, expected) ? undefined : new Unauthenticated('The client is not known.'));
  });

  app.post<{ Body: { token: string } }>(
    ISSUER_PATHS.introspect,
    { schema: { body: TokenForm, response: { 200: IntrospectionReply } } },
    async (request, reply) => {
      const stored = store.find(request.body.token);
      reply.header('cache-control', 'no-store');
      return stored === null ? INACTIVE : activeReply(stored);
    },
  );

  // An unknown token counts as revoked (RFC 7009 §2.2).
  app.post<{ Body: { token: string } }>(
    ISSUER_PATHS.revoke,
    { schema: { body: TokenForm } },
    async (request, reply) => {
      const stored = store.find(request.body.token);
      if (stored !== null) store.end(stored.id);
      return reply.code(200).send();
    },
  );

  app.post<{ Body: IssueBody }>(
    ISSUER_PATHS.issue,
    { schema: { body: IssueBody, response: { 200: IssueReply } } },
    async ({ body: { user, lifetimeSeconds } }) => ({
      token: store.issue(user, lifetimeSeconds * 1000)?.token ?? null,
    }),
  );

  app.delete<{ Params: { id: string } }>('/tokens/:id', { schema: { params: UserParams } }, async (request, reply) => {
    store.end(request.params.id);
    return reply.code(204).send();
  });
  app.delete<{ Params: { id: string } }>(
    '/users/:id/tokens',
    { schema: { params: UserParams } },
    async (request, reply) => {
      store.endAllOf(request.params.id);
      return reply.code(204).send();
    },
  );
  app.put<{ Params: { id: string } }>(
    '/users/:id/disabled',
    { schema: { params: UserParams } },
    async (request, reply) => {
      store.disable(request.params.id);
      return reply.code(204).send();
    },
  );
  app.get<{ Params: { id: string } }>(
    '/users/:id/disabled',
    { schema: { params: UserParams, response: { 200: DisabledReply } } },
    async (request) => ({ disabled: store.isDisabled(request.params.id) }),
  );

  if (signingKey !== undefined) await installSigning(app, signingKey, store, now);
  await app.ready();
  return app;
}

/** Signed tokens, and the keys to verify them. @param now in ms since the epoch */
async function installSigning(
  app: FastifyInstance,
  signingKey: string,
  store: Pick<TokenStore, 'find'>,
  now: () => number,
): Promise<void> {
  // Loaded here, so that a server of opaque tokens does not hold the library in memory.
  const { createTokenSigner } = await import('./signing.ts');
  const signer = createTokenSigner(signingKey);
  app.get(ISSUER_PATHS.keySet, async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=600');
    return signer.keySet();
  });
  app.post<{ Body: IssueBody }>(
    ISSUER_PATHS.sign,
    { schema: { body: IssueBody, response: { 200: SignReply } } },
    async ({ body: { user, lifetimeSeconds } }) => ({ token: await signer.sign(user, lifetimeSeconds, now()) }),
  );
  app.post<{ Body: ExchangeForm }>(
    ISSUER_PATHS.exchange,
    { schema: { body: ExchangeForm, response: { 200: ExchangeReply, 400: ExchangeRefusal } } },
    async ({ body: { subject_token: token, audience, lifetime } }, reply) => {
      reply.header('cache-control', 'no-store');
      // A token for other services would be accepted there.
      if (audience !== SERVICE_TOKEN.aud) return reply.code(400).send({ error: 'invalid_target' });
      const stored = store.find(token);
      if (stored === null) return reply.code(400).send({ error: 'invalid_request' });
      const { id: sid, user, endsAtMs } = stored;
      const signed = await signer.sign(user, Number(lifetime), now(), { audience, endsAtMs, sid });
      return {
        access_token: signed,
        issued_token_type: EXCHANGE.jwt,
        token_type: 'Bearer',
        expires_in: Math.max(0, Math.min(Number(lifetime), Math.floor((endsAtMs - now()) / 1000))),
      } as const;
    },
  );
  app.post(ISSUER_PATHS.rotate, async (_request, reply) => {
    await signer.rotate();
    return reply.code(204).send();
  });
}
