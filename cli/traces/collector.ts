/** The trace exporter of a run: counts the spans sent and confirmed, and ends within a deadline. */
import { environmentError } from '../../core/errors.ts';
import { areMissing, openSpans, type SpanOptions, type Spans } from '../../servers/spans.ts';
import { versionHere } from '../version.ts';

/** The packages as package.json pins them. */
const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  '@opentelemetry/exporter-trace-otlp-http@0.301.0',
  '@opentelemetry/resources@3.1.0',
  '@opentelemetry/sdk-trace@3.1.0',
];
/** The deadline for all remaining spans when the run is over. */
const END_MS = 3_000;

export interface Collector {
  readonly api: Spans['api'];
  readonly tracer: Spans['tracer'];
  /** Sends the remaining spans, with a short deadline. Never fails. */
  end(): Promise<Delivery>;
}

export interface Delivery {
  /** Spans that were made. */
  readonly made: number;
  /** Spans that the collector did not confirm. */
  readonly lost: number;
}

async function open(options: SpanOptions): Promise<Spans> {
  try {
    return await openSpans(options);
  } catch (error) {
    if (!areMissing(error)) throw error;
    throw environmentError(
      '--trace-endpoint needs packages of OpenTelemetry, which are not installed with Tollgate because of their size',
      `install them beside Tollgate: npm install ${PACKAGES.join(' ')}`,
    );
  }
}

/**
 * @param url of the collector @param runId distinguishes the runs of one collector @throws TollgateError if packages
 * are missing
 */
export async function openCollector(url: string, runId: string): Promise<Collector> {
  let made = 0;
  const counter = {
    onStart: () => {},
    onEnd: () => {
      made++;
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const resource = { 'service.name': 'tollgate', 'service.version': versionHere(), 'service.instance.id': runId };
  const { api, tracer, arrived, shutdown } = await open({ url, resource, before: [counter] });
  return {
    api,
    tracer,
    async end() {
      const over = new Promise((resolve) => setTimeout(resolve, END_MS).unref());
      await Promise.race([shutdown(), over]);
      return { made, lost: made - arrived() };
    },
  };
}
