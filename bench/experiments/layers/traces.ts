/** The requirements of the traces layer: its optional packages, and a sink that discards spans. */
import { createServer } from 'node:http';
import { formatCount } from '../../../core/text/format.ts';
import type { SpanCounts } from '../../../servers/messages.ts';
import { listen } from '../../processes/listen.ts';

const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
];

/** @returns the first package that is not installed; null if all are */
export function missingForTraces(resolve: (name: string) => string = import.meta.resolve): string | null {
  const isMissing = (name: string) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  };
  return PACKAGES.find(isMissing) ?? null;
}

export interface Sink {
  readonly url: string;
  close(): void;
}

/** Starts a sink on loopback in this process: reading a batch costs a fraction of what creating it costs the server. */
export async function startSink(): Promise<Sink> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @returns how many of the created spans arrived; null if none were created */
export function spansNote(replicas: readonly SpanCounts[]): string | null {
  const made = replicas.reduce((sum, one) => sum + one.made, 0);
  if (made === 0) return null;
  const arrived = replicas.reduce((sum, one) => sum + one.arrived, 0);
  const percent = Math.round((100 * arrived) / made);
  return `of ${formatCount(made)} spans ${formatCount(arrived)} (${percent} %) had reached the collector; the others were still queued, or dropped by the batch processor, so the toll of traces does not include sending them`;
}
