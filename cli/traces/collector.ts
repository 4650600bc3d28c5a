/**
 * OpenTelemetry's SDK, which only this file loads: it is large, and few runs need it. Its batch processor silently
 * drops spans, and its exporter silently loses them, so the spans that were made and that arrived are counted here.
 */
import type { Tracer } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { environmentError } from '../../core/errors.ts';
import { versionHere } from '../version.ts';

/** The packages as package.json pins them. */
const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  '@opentelemetry/exporter-trace-otlp-http@0.301.0',
  '@opentelemetry/resources@3.1.0',
  '@opentelemetry/sdk-trace@3.1.0',
];
/** The deadline of one batch: a collector that does not answer is not waited for. */
const EXPORT_MS = 2_000;
/** The deadline for all remaining spans when the run is over. */
const END_MS = 3_000;

export interface Collector {
  readonly api: typeof import('@opentelemetry/api');
  readonly tracer: Tracer;
  /** Sends the remaining spans, with a short deadline. Never fails. */
  end(): Promise<Delivery>;
}

export interface Delivery {
  /** Spans that were made. */
  readonly made: number;
  /** Spans that the collector did not confirm. */
  readonly lost: number;
}

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
    throw environmentError(
      '--trace-endpoint needs packages of OpenTelemetry, which are not installed with Tollgate because of their size',
      `install them beside Tollgate: npm install ${PACKAGES.join(' ')}`,
    );
  }
}

/** Passes spans on, and counts those that arrived. */
class CountingExporter implements SpanExporter {
  delivered = 0;
  readonly #to: SpanExporter;

  constructor(to: SpanExporter) {
    this.#to = to;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#to.export(spans, (result) => {
      if (result.code === 0) this.delivered += spans.length;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#to.shutdown();
  }
}

/**
 * @param url where the collector takes traces
 * @param runId tells the runs of one collector apart
 * @throws TollgateError where the packages are missing
 */
export async function openCollector(url: string, runId: string): Promise<Collector> {
  const { api, exporter, resources, sdk } = await load();
  const counting = new CountingExporter(new exporter.OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS }));
  let made = 0;
  const counter = {
    onStart: () => {},
    onEnd: () => {
      made++;
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const resource = resources.resourceFromAttributes({
    'service.name': 'tollgate',
    'service.version': versionHere(),
    'service.instance.id': runId,
  });
  const batches = new sdk.BatchSpanProcessor({ exporter: counting });
  const provider = new sdk.TracerProvider({ resource, spanProcessors: [counter, batches] });
  return {
    api,
    tracer: provider.getTracer('tollgate', versionHere()),
    async end() {
      const over = new Promise((resolve) => setTimeout(resolve, END_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), over]);
      return { made, lost: made - counting.delivered };
    },
  };
}
