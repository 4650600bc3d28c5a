import type { PercentileValue } from '../../../core/results/histogram.ts';
import { authorityOf } from '../../load/connection/authority.ts';
import { startWrk } from '../../load/wrk/program.ts';
import type { CalibrationDriver, DriveResult } from '../driver.ts';

const MICROS_PER: Record<string, number> = { us: 1, ms: 1000, s: 1e6, m: 60e6 };

/** The report of `wrk --latency` has an unknown form. */
class WrkError extends Error {
  override readonly name = 'WrkError';
}

/** @throws WrkError when the text is not a report of `wrk --latency` */
export function parseWrk(report: string): DriveResult {
  const number = (pattern: RegExp) => Number(pattern.exec(report)?.[1]);
  const count = number(/^\s*(\d+) requests in /m);
  const achievedRate = number(/^Requests\/sec:\s*([\d.]+)/m);
  const percentiles: PercentileValue[] = [...report.matchAll(/^\s+(\d+(?:\.\d+)?)%\s+([\d.]+)(us|ms|s|m)$/gm)].map(
    ([, percentile, value, unit = '']) => ({
      percentile: Number(percentile),
      micros: Number(value) * (MICROS_PER[unit] ?? Number.NaN),
    }),
  );
  if (!Number.isFinite(count) || !Number.isFinite(achievedRate) || percentiles.length === 0) {
    throw new WrkError(`wrk printed no readable report: ${JSON.stringify(report.slice(0, 80))}`);
  }
  return {
    count,
    achievedRate,
    percentiles,
    errors: number(/^\s*Non-2xx or 3xx responses: (\d+)/m) || 0,
    timeouts: number(/timeout (\d+)/) || 0,
  };
}

/** A generator in C, which shares no code with our own. */
export const wrkDriver: CalibrationDriver = {
  name: 'wrk',
  mode: 'closed',
  judged: false,
  warmupRequests: () => 0,
  countSlack: ({ closedConnections }) => closedConnections,
  async drive({ address, load }, signal) {
    const seconds = Math.ceil(load.durationMs / 1000);
    const timeoutSeconds = Math.max(1, Math.round(load.timeoutMs / 1000));
    const url = `http://${authorityOf(address)}/`;
    const args = [
      '-t1',
      `-c${load.closedConnections}`,
      `-d${seconds}s`,
      `--timeout=${timeoutSeconds}s`,
      '--latency',
      url,
    ];
    return parseWrk(await startWrk({ args, seconds, signal }).output);
  },
};
