/**
 * The primitives of the micro suite that the guarded light read (`GET /me`) of several arms performs, as read from the sources
 * of the schemes and of the pinned packages.
 */
export const PRESENTED_COOKIE = ['cookie-parse', 'cookie-unsign'];

/**
 * @fastify/session signs the id again for every session that a store returns as plain data, and hashes it once when
 * it is restored and again to detect changes by the handler.
 */
export const RESTORED_BY_PLUGIN = ['cookie-sign', 'session-hash', 'session-hash'];

/** The hand-tuned session parses its one cookie itself, which takes too little time to measure. */
export const LEAN_SESSION = ['cookie-unsign-by-hand', 'redis-getex-batched', 'json-parse'];

/**
 * @fastify/jwt decodes the claims once for a caller that may choose the key by them, and fast-jwt once more to verify
 * them.
 */
export function verifiedByPlugin(verify: string): string[] {
  return ['jwt-decode', verify];
}
