/**
 * The response headers that OWASP's REST security cheat sheet asks of every reply. An API reply is not a page, so nothing in
 * it may be loaded, framed, sniffed or embedded. Every arm sends the same set.
 */
import type { FastifyInstance } from 'fastify';

const TWO_YEARS_SECONDS = 63_072_000;

const HEADERS = {
  'content-security-policy': "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** @param overTls adds HSTS, which browsers accept over HTTPS only (RFC 6797 §7.2) */
export function installSecurityHeaders(app: FastifyInstance, overTls: boolean): void {
  const headers = overTls
    ? { ...HEADERS, 'strict-transport-security': `max-age=${TWO_YEARS_SECONDS}; includeSubDomains` }
    : HEADERS;
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
