/**
 * Decides which pages of other origins may read replies (the CORS protocol of the Fetch standard). An origin is allowed only
 * if it is in the list. With an empty list nothing is installed, so no request pays for the check.
 */
import type { FastifyInstance } from 'fastify';
import { type ArmInfo, CSRF_HEADER, PROOF_HEADER, PROOF_NONCE_HEADER } from '../contract.ts';

const PREFLIGHT_SECONDS = 600;

/** @param arm cookies are allowed only if it uses cookies, and proofs only if its tokens need them */
export function installCors(
  app: FastifyInstance,
  allowedOrigins: readonly string[],
  arm: Pick<ArmInfo, 'needsCsrfProtection' | 'senderConstrained'>,
): void {
  if (allowedOrigins.length === 0) return;
  const allowed = new Set(allowedOrigins);
  const credentials = arm.needsCsrfProtection;
  const proofs = arm.senderConstrained === true;
  const headers = ['authorization', 'content-type', CSRF_HEADER, ...(proofs ? [PROOF_HEADER] : [])].join(', ');

  app.addHook('onRequest', (request, reply, done) => {
    // Caches must not give one origin's answer to another.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin);
    if (credentials) reply.header('access-control-allow-credentials', 'true');
    // The header that asks a client for a new proof with a nonce.
    if (proofs) reply.header('access-control-expose-headers', `${PROOF_NONCE_HEADER}, www-authenticate`);
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return done();
    reply
      .code(204)
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', headers)
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  });
}
