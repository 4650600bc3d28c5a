/**
 * The application of an edge. Requests to a guarded route are forwarded with what their credential was exchanged for,
 * and refused here if there is nothing to exchange; all others are forwarded without any credential.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CompanionAddresses, TlsOptions } from '../../configuration.ts';
import { type ArmInfo, ROUTES } from '../../contract.ts';
import type { Edge, EdgeFactory, Exchange } from '../../edge.ts';
import { HttpError, Unauthenticated } from '../../errors.ts';
import { createHttpClient } from '../../http-client.ts';
import { DEFAULT_SETTINGS, type Guard, type SchemeSettings } from '../../scheme.ts';
import { installCors } from '../cors.ts';
import { createFastify } from '../fastify.ts';
import { installProblems } from '../problems.ts';
import { installRateLimit } from '../rate-limit.ts';
import { installSecurityHeaders } from '../security-headers.ts';
import { repliedHeaders, sentHeaders } from './headers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the edge forwards instead of the credential; null on routes without one. */
    exchanged: Exchange | null;
  }
}

export interface EdgeOptions {
  readonly arm: Pick<ArmInfo, 'needsCsrfProtection'>;
  readonly edge: EdgeFactory;
  /** The URL of the replica behind it. */
  readonly behind: string;
  readonly companions: CompanionAddresses;
  readonly settings?: Partial<SchemeSettings> | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly now?: (() => number) | undefined;
  /** Called when it closes, after its last request. */
  readonly onClose?: () => Promise<void>;
}

/** As long as a server's own deadline: a login that waits for password hashing is answered by the replica. */
const DEADLINE_MS = 30_000;
const LARGEST_REPLY_BYTES = 1024 * 1024;
const CONNECTIONS = 256;

/** Builds the edge, ready to listen. @throws StartError BAD_START if its certificate cannot be used */
export async function buildEdge(options: EdgeOptions): Promise<FastifyInstance> {
  const { arm, tls, behind, companions, now = Date.now, onClose } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const overTls = tls !== undefined;
  const edge = options.edge({ companions, settings, now });
  const http = createHttpClient({
    origin: behind,
    deadlineMs: DEADLINE_MS,
    largestReplyBytes: LARGEST_REPLY_BYTES,
    connections: CONNECTIONS,
  });

  const app = createFastify(tls, settings.trustedProxies);
  app.addHook('onClose', async () => {
    await Promise.all([edge.close(), http.close()]);
    await onClose?.();
  });
  // The replica validates bodies; only their size is checked here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  installProblems(app, edge.challenge);
  app.decorateRequest('exchanged', null);
  if (settings.securityHeaders) installSecurityHeaders(app, overTls);
  // Here rather than behind it: a request refused by the edge has cost an exchange, and never reaches the replica.
  if (settings.rateLimit === 'local') await installRateLimit(app, null, settings.requestsPerMinute);
  installCors(app, settings.allowedOrigins, arm);

  async function sendOn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { url = '' } = request.raw;
    // The target of a request for a proxy, or for no resource (RFC 9112 §3.2): no service has such a route.
    if (!url.startsWith('/')) throw new HttpError(404, 'There is no such resource.');
    const headers = edge.headersOf?.(request) ?? sentHeaders(request.raw.headers, request.ip, request.protocol);
    if (request.exchanged !== null) headers.authorization = request.exchanged.authorization;
    const body = Buffer.isBuffer(request.body) ? request.body : null;
    const answer = await http.pass({ method: request.method, path: url, headers, body }).catch((cause: unknown) => {
      throw new HttpError(502, 'The service does not answer.', { cause });
    });
    forget(edge, request, answer.status);
    reply.code(answer.status).headers(repliedHeaders(answer.headers));
    return answer.body.length === 0 ? reply.send() : reply.send(answer.body);
  }

  for (const route of Object.values(ROUTES)) {
    if (!route.guarded) continue;
    const onRequest = exchanging(edge, 'critical' in route);
    app.route({ method: route.method, url: route.path, onRequest, handler: sendOn });
  }
  app.all('*', sendOn);
  await app.ready();
  return app;
}

function exchanging(edge: Edge, isCritical: boolean): Guard {
  return (request, reply, done) => {
    reply.header('cache-control', 'no-store');
    edge.exchange(request, isCritical).then((exchanged) => {
      request.exchanged = exchanged;
      done(exchanged === null ? new Unauthenticated() : undefined);
    }, done);
  };
}

/** Removes a credential that was ended through this edge from its cache. */
function forget(edge: Edge, request: FastifyRequest, status: number): void {
  if (request.method !== 'POST' || status < 200 || status > 299) return;
  const { url } = request.routeOptions;
  if (url === ROUTES.logout.path) edge.ended(request);
  else if (url === ROUTES.logoutAll.path && request.exchanged !== null) edge.endedAllOf(request.exchanged.userId);
  else if (url === ROUTES.disableUser.path) edge.endedAllOf((request.params as { readonly id: string }).id);
}
