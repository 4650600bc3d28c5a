import { closedSlice } from '../../load/closed/closed.ts';
import { monotonicOriginMs } from '../../load/open/alarm-clock.ts';
import type { CalibrationDriver } from '../driver.ts';

const RAMP_MS = 200;

/** The closed loop that measures throughput: it counts the answers in its own window, and measures no latency. */
export const closedDriver: CalibrationDriver = {
  name: 'closed loop',
  mode: 'closed',
  judged: true,
  warmupRequests: () => 0,
  countSlack: ({ closedConnections }) => closedConnections,
  async drive({ address, load }, signal) {
    signal.throwIfAborted();
    const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: null };
    const { host, port } = address;
    const target = {
      key: 'truth',
      addresses: [{ host, port }],
      requests: [request],
      processes: { replicas: [], redis: null },
    };
    const originMs = monotonicOriginMs();
    let window = { fromMicros: 0, toMicros: 0 };
    const { requests, unexpected, failed, durationMs } = await closedSlice(target, {
      connections: load.closedConnections,
      rampMs: RAMP_MS,
      windowMs: load.durationMs,
      onWindow: (fromMs, toMs) => {
        window = { fromMicros: (originMs + fromMs) * 1000, toMicros: (originMs + toMs) * 1000 };
      },
    });
    signal.throwIfAborted();
    return {
      count: requests,
      achievedRate: (requests * 1000) / durationMs,
      window,
      percentiles: [],
      errors: unexpected,
      timeouts: failed,
    };
  },
};
