/** Drives a server that answers at once until the open loop's processes have compiled all that a request needs. */
import type { Address } from '../load/connection.ts';
import type { OpenGenerator } from '../load/open-client.ts';
import { requestBytes } from '../load/request.ts';

/** Of all runs together. */
export const WARM_UP_MS = 4500;
/** `OpenGenerator` says why more than one. */
const RUNS = 3;
const RATE_PER_SECOND = 6000;

/** @throws as `OpenGenerator.run` does */
export async function warmUp(open: OpenGenerator, echo: Address, durationMs: number, signal: AbortSignal) {
  const wire = requestBytes(echo, { method: 'GET', path: '/' }).toString('latin1');
  for (let run = 0; run < RUNS; run++) {
    await open.run(
      {
        targets: [{ host: echo.host, port: echo.port }],
        requests: [{ target: 0, wire, expectStatus: 200 }],
        ratePerSecond: RATE_PER_SECOND,
        durationMs: durationMs / RUNS,
        warmupMs: 0,
        arrivals: 'uniform',
        seed: run,
        timeoutMs: 1000,
        connections: 64,
        maxConnections: 64,
      },
      signal,
    );
  }
}
