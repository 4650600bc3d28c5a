import { LatencyHistogram } from '../../load/histogram.ts';
import { runOpen } from '../../load/open-client.ts';
import { requestBytes } from '../../load/request.ts';
import type { CalibrationDriver } from '../driver.ts';

const WARMUP_MS = 500;

/** Tollgate's own open loop: latency from the intended send time. */
export const openDriver: CalibrationDriver = {
  name: 'open loop',
  mode: 'open',
  judged: true,
  warmupRequests: ({ ratePerSecond }) => Math.ceil((ratePerSecond * WARMUP_MS) / 1000),
  countSlack: () => 0,
  async drive({ address, load, percentiles }, signal) {
    const wire = requestBytes(address, { method: 'GET', path: '/' }).toString('latin1');
    const result = await runOpen(
      {
        targets: [{ host: address.host, port: address.port }],
        requests: [{ target: 0, wire, expectStatus: 200 }],
        ratePerSecond: load.ratePerSecond,
        durationMs: load.durationMs,
        warmupMs: WARMUP_MS,
        arrivals: 'uniform',
        seed: 0,
        timeoutMs: load.timeoutMs,
        connections: load.connections,
        maxConnections: load.maxConnections,
      },
      { signal },
    );
    return {
      count: result.answered,
      achievedRate: result.achievedRate,
      percentiles: LatencyHistogram.decode(result.corrected).percentiles(percentiles),
      errors: result.unexpected,
      timeouts: result.timedOut + result.unanswered,
    };
  },
};
