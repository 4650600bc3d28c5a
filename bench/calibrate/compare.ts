/** Compares a generator's results with the truth. Pure: figures in, rows out. */
import type { Static } from 'typebox';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { Type } from '../../core/schema.ts';
import type { Tally } from '../load/replies.ts';
import type { CalibrationDriver, DriveResult } from './driver.ts';
import type { Kind } from './kinds/kind.ts';
import type { TruthCounts, Window, WindowCounts } from './truth/protocol.ts';

/** The tolerances for a generator. */
export const TARGETS = {
  /** The error allowed for a percentile: the larger of a share of it and an absolute error. */
  percentileShare: 0.02,
  percentileMicros: 100,
  rateShare: 0.005,
  cpuShare: 0.03,
  /** The percentage of requests that the server can prove to have arrived a millisecond or more late. */
  latePercent: 1,
} as const;

/** One quantity of one server as one generator found it. */
export const Row = Type.Object(
  {
    server: Type.String(),
    driver: Type.String(),
    /** False for a foreign generator: it is shown, and cannot fail the calibration. */
    judged: Type.Boolean(),
    quantity: Type.String(),
    unit: Type.String(),
    truth: Type.Number(),
    measured: Type.Number(),
    /** measured − truth */
    error: Type.Number(),
    /** The largest absolute error that is ok. */
    allowed: Type.Number(),
    ok: Type.Boolean(),
    /** The machine disturbed every round, so a miss may be the machine's fault. */
    disturbed: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type Row = Static<typeof Row>;

type Who = Pick<Row, 'server' | 'driver' | 'judged'>;

function row(who: Who, quantity: string, unit: string, truth: number, measured: number, allowed: number): Row {
  const error = measured - truth;
  return { ...who, quantity, unit, truth, measured, error, allowed, ok: Math.abs(error) <= allowed, disturbed: false };
}

/**
 * If server or generator waited for a core for more than this share of the time, the tail of latency is the
 * scheduler's. At p99 one request in a hundred may be late, so half of that share is allowed.
 */
const WAIT_SHARE = 0.005;

/**
 * Whether they had the machine to themselves, according to the kernel, which neither of them can influence. If the
 * truth counts from when a request was due, it includes the server's waiting.
 */
export function isCalm(found: Pick<DriveResult, 'cpuWaitMs'>, { cpuWaitMs, periodMs, due }: TruthCounts): boolean {
  const serverMs = due === null ? (cpuWaitMs ?? 0) : 0;
  return Math.max(found.cpuWaitMs ?? 0, serverMs) <= WAIT_SHARE * periodMs;
}

/** What a server of known behaviour reports about one round. */
export interface Testimony {
  readonly truth: TruthCounts;
  /** The network round trip to a server on this machine, which any client's latency includes. */
  readonly loopbackMicros: number;
}

/** One round of one generator against one server. */
export function compareRound(
  kind: Kind,
  driver: CalibrationDriver,
  found: DriveResult,
  { truth, loopbackMicros }: Testimony,
): Row[] {
  const who = { server: kind.name, driver: driver.name, judged: driver.judged };
  const { due } = truth;
  const witness = {
    ...truth,
    service: LatencyHistogram.decode(truth.service),
    due: due === null ? null : LatencyHistogram.decode(due.latency),
  };
  // Counted from when it was due, only the way back is missing.
  const wayMicros = due === null ? loopbackMicros : loopbackMicros / 2;
  const slack = driver.countSlack(kind.load);
  const rows = found.percentiles
    .filter(({ percentile }) => kind.percentiles.includes(percentile))
    .map(({ percentile, micros }) => {
      const right = kind.truth(percentile, witness) + wayMicros;
      const allowed = Math.max(right * TARGETS.percentileShare, TARGETS.percentileMicros);
      return row(who, `p${percentile}`, 'µs', right, micros, allowed);
    });
  if (found.window !== undefined) return [...rows, ...compareWindow(who, found, truth.window, found.window, slack)];
  rows.push(row(who, 'answered', 'requests', truth.answered, found.count, slack));
  rows.push(row(who, 'errors', 'requests', truth.refused, found.errors, slack));
  rows.push(row(who, 'timed out', 'requests', truth.withheld, found.timeouts, slack));
  const spanMicros = Math.max(1, truth.lastMicros - truth.firstMicros);
  const seenRate = ((truth.requests - 1) * 1e6) / spanMicros;
  const rateAllowed = seenRate * TARGETS.rateShare + (slack * 1e6) / spanMicros;
  rows.push(row(who, 'rate', 'req/s', seenRate, found.achievedRate, rateAllowed));
  if (driver.mode === 'open') {
    const asked = kind.load.ratePerSecond;
    rows.push(row(who, 'asked rate', 'req/s', asked, found.achievedRate, asked * TARGETS.rateShare));
  }
  if (due !== null) rows.push(row(who, 'sent late', '%', 0, (100 * due.late) / due.requests, TARGETS.latePercent));
  return rows;
}

/** Compares the responses within the driver's own window, by the server's clock. */
function compareWindow(
  who: Who,
  found: DriveResult,
  truth: WindowCounts | null,
  { fromMicros, toMicros }: Window,
  slack: number,
): Row[] {
  if (truth === null) throw new Error('the server was not asked for the window');
  const perSecond = 1e6 / (toMicros - fromMicros);
  const rateAllowed = truth.answered * perSecond * TARGETS.rateShare + slack * perSecond;
  return [
    row(who, 'answered', 'requests', truth.answered, found.count, slack),
    // One of the requests at the edges may be an error.
    row(who, 'errors', 'requests', truth.refused, found.errors, Math.min(1, slack)),
    row(who, 'rate', 'req/s', truth.answered * perSecond, found.achievedRate, rateAllowed),
  ];
}

/** The paired load waits for every response, so its counts are exact. */
export function compareCounts(server: string, truth: TruthCounts, { requests, unexpected }: Tally): Row[] {
  const who = { server, driver: PAIRED, judged: true };
  return [
    row(who, 'answered', 'requests', truth.allRequests, requests, 0),
    row(who, 'errors', 'requests', truth.refused, unexpected, 0),
  ];
}

const PAIRED = 'paired load';

/** CPU time of one process, and the requests that it served meanwhile. */
export interface CpuUse {
  readonly nanos: number;
  readonly requests: number;
  readonly burnedMicros: number;
}

/** CPU time per request beyond that of the control, against the server's own account of what it burned. */
export function compareCpu(server: string, burning: CpuUse, control: CpuUse): Row {
  const perRequest = (use: CpuUse) => use.nanos / 1000 / use.requests;
  const truth = burning.burnedMicros / burning.requests - control.burnedMicros / control.requests;
  const who = { server, driver: PAIRED, judged: true };
  const measured = perRequest(burning) - perRequest(control);
  return row(who, 'CPU per request', 'µs', truth, measured, truth * TARGETS.cpuShare);
}

/**
 * Counts must be right in every round. A timing may be disturbed: the median of the undisturbed rounds counts, or of
 * all if there are none.
 */
function pick(rounds: readonly Row[]): Row | undefined {
  if (rounds[0]?.unit === 'requests') {
    return rounds.toSorted((a, b) => Math.abs(b.error) - Math.abs(a.error))[0];
  }
  const calm = rounds.filter(({ disturbed }) => !disturbed);
  const byError = (calm.length > 0 ? calm : rounds).toSorted((a, b) => a.error - b.error);
  return byError[Math.floor(byError.length / 2)];
}

/** The rows of several rounds as one row for each quantity, in their first order. */
export function combineRounds(rows: readonly Row[]): Row[] {
  const groups = Map.groupBy(rows, ({ server, driver, quantity }) => JSON.stringify([server, driver, quantity]));
  return [...groups.values()].flatMap((rounds) => pick(rounds) ?? []);
}

/** Whether all rows pass; without rows nothing is shown, so that does not pass. */
export function passes(rows: readonly Row[]): boolean {
  const judged = rows.filter((each) => each.judged);
  return judged.length > 0 && judged.every(({ ok }) => ok);
}
