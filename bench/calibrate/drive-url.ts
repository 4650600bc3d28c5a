/** Drives any server on loopback, open or closed, and returns the figures as plain data. */

import { thenEnding } from '../../core/errors.ts';
import { LatencyHistogram, PERCENTILES, type PercentileValue } from '../../core/results/histogram.ts';
import { Connection } from '../load/connection/connection.ts';
import { requestBytes } from '../load/connection/request.ts';
import { OpenGenerator } from '../load/open/client.ts';
import { runOwnClosed } from './drivers/own-closed.ts';
import { ECHO } from './kinds/burn.ts';
import { loopbackAddress } from './loopback.ts';
import { startTruthServer } from './truth/client.ts';
import { warmUp } from './warm-up.ts';

const TIMEOUT_MS = 10_000;

export interface DriveReport {
  readonly mode: 'open' | 'closed';
  readonly url: string;
  readonly seconds: number;
  readonly askedRate: number | null;
  readonly achievedRate: number;
  readonly answered: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly failed: number;
  readonly timedOut: number;
  /** Requests without a response at the end of a closed loop; null for an open one, which waits for the time-out. */
  readonly inFlightAtEnd: number | null;
  /** Answers of a closed loop after which the server closed the connection. */
  readonly closedByServer: number | null;
  /** Latency from the intended send time; null for a closed loop, which has none. */
  readonly correctedPercentiles: PercentileValue[] | null;
  readonly servicePercentiles: PercentileValue[];
  readonly serviceMeanMicros: number;
  readonly maxMicros: number;
  /** Requests sent more than 1 ms late: because of the generator, and because no connection was free. */
  readonly generatorLate: number | null;
  readonly connectionWait: number | null;
}

/** The load to send, and where. */
export interface DriveCommand {
  readonly url: URL;
  /** Null: a closed loop. */
  readonly rate: number | null;
  readonly connections: number;
  readonly seconds: number;
}

/** @throws TollgateError when the URL is not on this machine; ConnectionError when no server listens there */
export async function driveUrl(command: DriveCommand, signal: AbortSignal): Promise<DriveReport> {
  const address = await loopbackAddress(command.url);
  const path = command.url.pathname + command.url.search;
  (await Connection.open(address)).close();
  return command.rate === null
    ? driveClosed(command, address, path, signal)
    : driveOpen({ ...command, rate: command.rate }, address, path, signal);
}

async function driveOpen(
  command: DriveCommand & { readonly rate: number },
  address: { host: string; port: number },
  path: string,
  signal: AbortSignal,
): Promise<DriveReport> {
  const headers = { accept: '*/*' };
  const result = await withWarmGenerator(signal, (open) =>
    open.run(
      {
        targets: [address],
        requests: [
          {
            target: 0,
            wire: requestBytes(address, { method: 'GET', path, headers }).toString('latin1'),
            expectStatus: 200,
          },
        ],
        ratePerSecond: command.rate,
        durationMs: command.seconds * 1000,
        warmupMs: 0,
        arrivals: 'uniform',
        seed: 0,
        timeoutMs: TIMEOUT_MS,
        connections: command.connections,
        maxConnections: Math.min(20_000, command.connections * 4),
      },
      signal,
    ),
  );
  const corrected = LatencyHistogram.decode(result.corrected);
  const service = LatencyHistogram.decode(result.service);
  return {
    mode: 'open',
    url: command.url.href,
    seconds: command.seconds,
    askedRate: command.rate,
    achievedRate: result.achievedRate,
    answered: result.answered,
    statuses: result.statuses,
    failed: result.failed,
    timedOut: result.timedOut + result.unanswered,
    inFlightAtEnd: null,
    closedByServer: null,
    correctedPercentiles: corrected.percentiles(PERCENTILES),
    servicePercentiles: service.percentiles(PERCENTILES),
    serviceMeanMicros: service.meanMicros,
    maxMicros: corrected.maxMicros,
    generatorLate: result.generatorLate.count,
    connectionWait: result.connectionWait.count,
  };
}

/** Runs with a generator that is warmed up against its own server: the URL gets only the requests of the command. */
async function withWarmGenerator<T>(signal: AbortSignal, run: (open: OpenGenerator) => Promise<T>): Promise<T> {
  const open = new OpenGenerator();
  return thenEnding(
    async () => {
      const echo = await startTruthServer(ECHO);
      await thenEnding(
        () => warmUp(open, echo.address, signal),
        () => echo.stop(),
      );
      return await run(open);
    },
    () => open.stop(),
  );
}

async function driveClosed(
  { connections, seconds, url }: DriveCommand,
  address: { host: string; port: number },
  path: string,
  signal: AbortSignal,
): Promise<DriveReport> {
  const result = await runOwnClosed({ address, path, connections, seconds, timeoutMs: TIMEOUT_MS }, signal);
  return {
    mode: 'closed',
    url: url.href,
    seconds,
    askedRate: null,
    achievedRate: result.elapsedMs > 0 ? (result.answered * 1000) / result.elapsedMs : 0,
    answered: result.answered,
    statuses: result.statuses,
    failed: result.failed,
    timedOut: result.timedOut,
    inFlightAtEnd: result.inFlightAtEnd,
    closedByServer: result.closes,
    correctedPercentiles: null,
    servicePercentiles: result.service.percentiles(PERCENTILES),
    serviceMeanMicros: result.service.meanMicros,
    maxMicros: result.service.maxMicros,
    generatorLate: null,
    connectionWait: null,
  };
}
