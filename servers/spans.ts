/**
 * OpenTelemetry's SDK, which only this file loads: it is large, optional, and few runs need it. Its batch processor
 * silently drops spans, and its exporter silently loses them, so those that arrive are counted here.
 */
import type { Attributes, Tracer } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

/** The deadline of one batch: a collector that does not answer delays nothing. */
const EXPORT_MS = 2_000;

export interface SpanOptions {
  /** The collector's OTLP address over HTTP. */
  readonly url: string;
  /** The sender of the spans: `service.name` and similar attributes. */
  readonly resource: Attributes;
  /** Processors that see each span before it is batched. */
  readonly before?: readonly SpanProcessor[];
}

export interface Spans {
  readonly api: typeof import('@opentelemetry/api');
  readonly tracer: Tracer;
  /** The number of spans that the collector has confirmed. */
  arrived(): number;
  /** Sends the remaining spans. Never fails. */
  shutdown(): Promise<void>;
}

/** @returns whether an error of `openSpans` says that its packages are not installed */
export function areMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
}

/** @throws the error of the import; see `areMissing` */
export async function openSpans({ url, resource, before = [] }: SpanOptions): Promise<Spans> {
  const [api, { OTLPTraceExporter }, { resourceFromAttributes }, { BatchSpanProcessor, TracerProvider }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace'),
    ]);
  let arrived = 0;
  const sender = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS });
  const batches = new BatchSpanProcessor({
    exporter: {
      export: (spans, done) =>
        sender.export(spans, (result) => {
          if (result.code === 0) arrived += spans.length;
          done(result);
        }),
      shutdown: () => sender.shutdown(),
    },
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resource),
    spanProcessors: [...before, batches],
  });
  return {
    api,
    tracer: provider.getTracer('tollgate'),
    arrived: () => arrived,
    shutdown: () => provider.shutdown().catch(() => undefined),
  };
}
