import autocannon from 'autocannon';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { authorityOf } from '../../load/connection/authority.ts';
import type { CalibrationDriver } from '../driver.ts';

export interface ClosedRequest {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly timeoutMs: number;
}

export interface ClosedResult {
  readonly answered: number;
  readonly statuses: Record<string, number>;
  /** Broken connections and malformed responses. */
  readonly failed: number;
  readonly timedOut: number;
  /** Requests that were sent, and neither answered nor timed out when the time was over. */
  readonly inFlightAtEnd: number;
  readonly elapsedMs: number;
  readonly responseBytes: number;
  /** Service times: a closed loop has no intended send time. */
  readonly service: LatencyHistogram;
}

/**
 * A closed loop with autocannon, measured by its `response` events: its own histogram has whole milliseconds only,
 * and lacks time-outs. @throws the signal's reason when aborted
 */
export function runClosed({ url, connections, seconds, timeoutMs }: ClosedRequest, signal: AbortSignal) {
  signal.throwIfAborted();
  return new Promise<ClosedResult>((resolve, reject) => {
    const service = LatencyHistogram.empty();
    const statuses: Record<string, number> = {};
    let answered = 0;
    let responseBytes = 0;
    const startMs = performance.now();
    let lastMs = startMs;
    const options = { url, connections, duration: seconds, pipelining: 1, timeout: Math.max(1, timeoutMs / 1000) };
    const instance = autocannon(options, (error: Error | null, result) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else if (error) reject(error);
      else {
        const { timeouts, errors } = result;
        // If the last response came early, nothing was answered in the remaining time.
        const elapsedMs = Math.max(lastMs - startMs, seconds * 1000);
        resolve({
          answered,
          statuses,
          failed: errors - timeouts,
          timedOut: timeouts,
          inFlightAtEnd: Math.max(0, result.requests.sent - answered - errors),
          elapsedMs,
          responseBytes,
          service,
        });
      }
    });
    const stop = () => instance.stop();
    signal.addEventListener('abort', stop, { once: true });
    instance.on('response', (_, status, bytes, responseMs) => {
      lastMs = performance.now();
      answered++;
      responseBytes += bytes;
      statuses[status] = (statuses[status] ?? 0) + 1;
      service.record(responseMs * 1000);
    });
  });
}

/** The share of answers whose status is not 2xx. */
function countErrors(statuses: Readonly<Record<string, number>>): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => sum + (/^2/.test(status) ? 0 : count), 0);
}

/** The usual generator for Node, to compare two that share no code. */
export const autocannonDriver: CalibrationDriver = {
  name: 'autocannon',
  mode: 'closed',
  judged: false,
  warmupRequests: () => 0,
  countSlack: ({ closedConnections }) => closedConnections,
  async drive({ address, load, percentiles }, signal) {
    const result = await runClosed(
      {
        url: `http://${authorityOf(address)}/`,
        connections: load.closedConnections,
        seconds: load.durationMs / 1000,
        timeoutMs: load.timeoutMs,
      },
      signal,
    );
    return {
      count: result.answered,
      achievedRate: (result.answered * 1000) / result.elapsedMs,
      percentiles: result.service.percentiles(percentiles),
      errors: countErrors(result.statuses),
      timeouts: result.timedOut,
    };
  },
};
