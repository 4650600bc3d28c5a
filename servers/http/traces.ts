/**
 * A span for each request, sent to a collector by OTLP over HTTP, as in production. A span contains method, route and
 * status, and no data from the client. The packages are optional, and loaded only if spans are enabled.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { StartError } from '../errors.ts';
import type { SpanCounts } from '../messages.ts';
import { areMissing, openSpans, type Spans } from '../spans.ts';
import { onRequestEnd } from './request-end.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Null if spans are disabled. */
    spanCounts: (() => SpanCounts) | null;
  }
}

async function open(endpoint: string, arm: string): Promise<Spans> {
  try {
    return await openSpans({ url: endpoint, resource: { 'service.name': `tollgate ${arm}` } });
  } catch (cause) {
    if (!areMissing(cause)) throw cause;
    const message =
      'traceEndpoint needs @opentelemetry/api, exporter-trace-otlp-http, resources and sdk-trace: docs/watching.md has the command';
    throw new StartError('TRACES_MISSING', message, { cause });
  }
}

/**
 * Records all further requests, including refused and aborted ones. @param endpoint of the collector @param arm the
 * name of the service
 */
export async function installTraces(app: FastifyInstance, endpoint: string, arm: string): Promise<void> {
  const { api, tracer, arrived, shutdown } = await open(endpoint, arm);
  let made = 0;
  const spans = new WeakMap<FastifyRequest, ReturnType<typeof tracer.startSpan>>();
  app.addHook('onRequest', (request, _reply, done) => {
    // A client can choose any unknown path, with any content.
    const { url: route = 'none' } = request.routeOptions;
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    spans.set(request, tracer.startSpan(`${request.method} ${route}`, { kind: api.SpanKind.SERVER, attributes }));
    done();
  });
  onRequestEnd(app, (request, reply, end) => {
    const span = spans.get(request);
    if (end === 'left') span?.setAttribute('error.type', 'left');
    else span?.setAttribute('http.response.status_code', reply.statusCode);
    if (end === 'left' || reply.statusCode >= 500) span?.setStatus({ code: api.SpanStatusCode.ERROR });
    span?.end();
    made++;
  });
  app.spanCounts = () => ({ made, arrived: arrived() });
  app.addHook('onClose', shutdown);
}
