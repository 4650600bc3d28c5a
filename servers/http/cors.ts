/**
 * Decides which pages of other origins may read replies (the CORS protocol of the Fetch standard). An origin is allowed only
 * if it is in the list. With an empty list nothing is installed, so no request pays for the check.
 */
import type { FastifyInstance } from 'fastify';
import { CSRF_HEADER } from '../contract.ts';

const PREFLIGHT_SECONDS = 600;

/** @param credentials whether cookies may be sent; true only for arms that use cookies */
export function installCors(app: FastifyInstance, allowedOrigins: readonly string[], credentials: boolean): void {
  if (allowedOrigins.length === 0) return;
  const allowed = new Set(allowedOrigins);

  app.addHook('onRequest', (request, reply, done) => {
    // Caches must not give one origin's answer to another.
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
