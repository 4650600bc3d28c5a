/** Serves the metrics of a run on loopback while it measures. Loaded only on request. */
import { createServer } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import type { JournalLine } from '../../core/results/schema.ts';
import { addressOf, closeHere, listenHere, refuse, refuseOthers } from '../watch/loopback.ts';
import type { RunCollector } from './collect.ts';
import { expose } from './exposition.ts';

export interface MetricsServer {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * @param port 0 lets the kernel choose @param prior journal lines of an earlier part of the run @throws TollgateError
 * if the port cannot be used
 */
export async function serveMetrics(
  port: number,
  collector: RunCollector,
  prior: readonly JournalLine[],
): Promise<MetricsServer> {
  for (const line of prior) collector.add(line);
  const { contentType, text } = expose(() => collector.state());
  const server = createServer((request, response) => {
    if (refuseOthers(request, response, server)) return;
    if (request.url !== '/metrics') {
      refuse(response, 404, 'Use /metrics.');
      return;
    }
    text().then(
      (body) => {
        response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
        response.end(body);
      },
      (error: unknown) => refuse(response, 500, messageOf(error)),
    );
  });
  await listenHere(server, port, 'metrics-port');
  return { address: `${addressOf(server)}metrics`, close: () => closeHere(server) };
}
