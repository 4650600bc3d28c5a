/** Fastify as every server of an arm uses it: its limits, its answers to malformed requests, and TLS. */
import type { Server } from 'node:http';
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type FastifyReply } from 'fastify';
import type { TlsOptions } from '../configuration.ts';
import { StartError } from '../errors.ts';
import { answerBrokenRequest, answerUnroutable } from './problems.ts';
import { requestLimits } from './request-limits.ts';

/** Bodies here are a few hundred bytes; the rest of the 16 KiB is room for refresh tokens. */
const BODY_LIMIT_BYTES = 16 * 1024;

/**
 * @param requestTimeoutMs another limit than the usual one
 * @throws StartError BAD_START if the certificate or its key cannot be used
 */
export function createFastify(
  tls: TlsOptions | undefined,
  trustedProxies: readonly string[],
  requestTimeoutMs?: number,
): FastifyInstance {
  const limits = requestLimits(requestTimeoutMs);
  const options: FastifyHttpOptions<Server> = {
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    // Longer than a load balancer keeps its side open, so that the server never closes a connection during a request.
    keepAliveTimeout: 72_000,
    requestTimeout: limits.requestTimeout,
    // Requests in progress when the replica is stopped are still answered, with `Connection: close`.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, _request, reply) => answerUnroutable(error, reply as FastifyReply),
    // A body that does not match the schema is refused, not coerced.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  };
  if (tls === undefined) return Fastify({ ...options, http: limits });
  try {
    // Node types HTTPS servers separately from HTTP servers; everything used here is the same in both.
    const https = { ...limits, cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.2' } as const;
    return Fastify({ ...options, https } as FastifyHttpOptions<Server>);
  } catch (cause) {
    throw new StartError('BAD_START', 'tls must hold a certificate and its private key, both PEM.', { cause });
  }
}
