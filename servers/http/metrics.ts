/**
 * Metrics of a replica for Prometheus, as a service in production has them: its requests by route and status, and what
 * the client library reports of a Node process. Loaded only if they are asked for.
 */
import type { FastifyInstance } from 'fastify';
import { onRequestEnd } from './request-end.ts';

const PATH = '/metrics';
/** Buckets in seconds: from one request on an idle machine to longer than anyone waits. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts all further requests, including refused and aborted ones, and answers `GET /metrics`. */
export async function installMetrics(app: FastifyInstance): Promise<void> {
  const { collectDefaultMetrics, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'tollgate_replica_request_seconds',
    help: 'From the head of a request to the end of its reply, or until its client has gone.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  onRequestEnd(app, (request, reply, end) => {
    // A client can choose any unknown path: as a label it would grow without bound.
    const { url: route = 'none' } = request.routeOptions;
    const status = end === 'left' ? end : String(reply.statusCode);
    seconds.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
  });
  app.get(PATH, async (_request, reply) => {
    reply.header('cache-control', 'no-store').type(registry.contentType);
    return registry.metrics();
  });
  app.addHook('onClose', async () => registry.clear());
}
