/** Sends requests to a fast server until the open loop's processes have compiled all the code that a request needs. */
import type { Address } from '../load/connection/connection.ts';
import { requestBytes } from '../load/connection/request.ts';
import type { OpenGenerator } from '../load/open/client.ts';

const RUN_MS = 1500;
const RATE_PER_SECOND = 6000;
/** The most runs; three are enough, unless most requests are never sent. */
const MOST_RUNS = 6;

/** @throws as `OpenGenerator.run` does */
export async function warmUp(open: OpenGenerator, echo: Address, signal: AbortSignal): Promise<void> {
  const wire = requestBytes(echo, { method: 'GET', path: '/' }).toString('latin1');
  for (let run = 0; run < MOST_RUNS && !open.isWarm; run++) {
    await open.run(
      {
        targets: [{ host: echo.host, port: echo.port }],
        requests: [{ target: 0, wire, expectStatus: 200 }],
        ratePerSecond: RATE_PER_SECOND,
        durationMs: RUN_MS,
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
