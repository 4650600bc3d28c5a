/**
 * A span for each request, sent to a collector by OTLP over HTTP, as a service in production has them. A span says method,
 * route and status, and nothing that the client sent. The packages are optional, and loaded only where spans are asked for.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { StartError } from '../errors.ts';
import type { SpanCounts } from '../messages.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Null where no spans are made. */
    spanCounts: (() => SpanCounts) | null;
  }
}

/** The deadline of one batch: a collector that does not answer delays nothing. */
const EXPORT_MS = 2_000;

async function load() {
  try {
    const [api, exporter, resources, sdk] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace'),
    ]);
    return { api, exporter, resources, sdk };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const message =
      'traceEndpoint needs @opentelemetry/api, exporter-trace-otlp-http, resources and sdk-trace: docs/watching.md has the command';
    throw new StartError('TRACES_MISSING', message, { cause: error });
  }
}

/**
 * Records every request from now on, also those that are refused.
 * @param endpoint where the collector takes traces
 * @param arm names the service
 */
export async function installTraces(app: FastifyInstance, endpoint: string, arm: string): Promise<void> {
  const { api, exporter, resources, sdk } = await load();
  const counts = { made: 0, arrived: 0 };
  const sender = new exporter.OTLPTraceExporter({ url: endpoint, timeoutMillis: EXPORT_MS });
  const batches = new sdk.BatchSpanProcessor({
    exporter: {
      export: (spans, done) =>
        sender.export(spans, (result) => {
          if (result.code === 0) counts.arrived += spans.length;
          done(result);
        }),
      shutdown: () => sender.shutdown(),
    },
  });
  const resource = resources.resourceFromAttributes({ 'service.name': `tollgate ${arm}` });
  const provider = new sdk.TracerProvider({ resource, spanProcessors: [batches] });
  const tracer = provider.getTracer('tollgate');
  const spans = new WeakMap<FastifyRequest, ReturnType<typeof tracer.startSpan>>();
  app.addHook('onRequest', (request, _reply, done) => {
    // A path that is no route is anybody's choice, and may hold anything.
    const { url: route = 'none' } = request.routeOptions;
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    spans.set(request, tracer.startSpan(`${request.method} ${route}`, { kind: api.SpanKind.SERVER, attributes }));
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: api.SpanStatusCode.ERROR });
    span?.end();
    counts.made++;
    done();
  });
  app.spanCounts = () => ({ ...counts });
  app.addHook('onClose', () => provider.shutdown().catch(() => undefined));
}
