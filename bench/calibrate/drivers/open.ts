import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { requestBytes } from '../../load/connection/request.ts';
import type { CalibrationDriver } from '../driver.ts';

const WARMUP_MS = 500;

/** Tollgate's own open loop: latency from the intended send time. */
export const openDriver: CalibrationDriver = {
  name: 'open loop',
  mode: 'open',
  judged: true,
  warmupRequests: ({ ratePerSecond }) => Math.ceil((ratePerSecond * WARMUP_MS) / 1000),
  countSlack: () => 0,
  async drive({ address, load, percentiles }, signal, open) {
    const { ratePerSecond, durationMs } = load;
    const places = Math.round((ratePerSecond * (WARMUP_MS + durationMs)) / 1000);
    const wire = (place: number) => requestBytes(address, { method: 'GET', path: `/${place}` }).toString('latin1');
    const result = await open.run(
      {
        targets: [{ host: address.host, port: address.port }],
        // Each names its place, so that the server knows when it was due.
        requests: Array.from({ length: places }, (_, place) => ({ target: 0, wire: wire(place), expectStatus: 200 })),
        ratePerSecond,
        durationMs,
        warmupMs: WARMUP_MS,
        arrivals: 'uniform',
        seed: 0,
        timeoutMs: load.timeoutMs,
        connections: load.connections,
        maxConnections: load.maxConnections,
      },
      signal,
    );
    return {
      count: result.answered,
      achievedRate: result.achievedRate,
      percentiles: LatencyHistogram.decode(result.corrected).percentiles(percentiles),
      errors: result.unexpected,
      timeouts: result.timedOut + result.unanswered,
      schedule: { startMicros: result.startedAtMs * 1000, ratePerSecond },
      cpuWaitMs: result.cpuWaitMs,
    };
  },
};
