/**
 * Which pages of other origins may read replies (the CORS protocol of the Fetch standard). An origin is allowed because it
 * stands in a list, never because it asked; none is, unless one was named, and then no request pays for asking.
 */
import type { FastifyInstance } from 'fastify';
import { CSRF_HEADER } from '../contract.ts';

const PREFLIGHT_SECONDS = 600;

/** @param credentials whether cookies may come along: only where the arm has any */
export function installCors(app: FastifyInstance, allowedOrigins: readonly string[], credentials: boolean): void {
  if (allowedOrigins.length === 0) return;
  const allowed = new Set(allowedOrigins);

  app.addHook('onRequest', (request, reply, done) => {
    // For caches: what is answered to one origin must not be given to another.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin);
    if (credentials) reply.header('access-control-allow-credentials', 'true');
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return done();
    reply
      .code(204)
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', `authorization, content-type, ${CSRF_HEADER}`)
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  });
}
