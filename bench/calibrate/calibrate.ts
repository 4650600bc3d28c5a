/** Drives every generator against every server of known truth and compares. */
import { cpuNanos } from '../fleet/cpu.ts';
import { startHiccupMeter } from '../hiccup/meter.ts';
import { type CpuUse, combineRounds, compareCpu, compareRound, type Row } from './compare.ts';
import type { CalibrationDriver, DriveResult } from './driver.ts';
import type { Kind } from './kinds/kind.ts';
import { startTruthServer, type TruthServer } from './truth-client.ts';
import type { TruthCounts } from './truth-recorder.ts';

export interface CalibrateOptions {
  readonly kinds: readonly Kind[];
  readonly drivers: readonly CalibrationDriver[];
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** One line about what is going on. */
  readonly onProgress: (line: string) => void;
}

export interface CalibrationRows {
  readonly rows: Row[];
  readonly stalledRounds: number;
  readonly notes: string[];
}

/** A round in which the machine stood still says nothing of the generator: it is repeated, this often at most. */
const REPEATS = 2;

interface Round {
  readonly found: DriveResult;
  readonly truth: TruthCounts;
  /** Null where the system does not tell CPU times. */
  readonly cpu: CpuUse | null;
  readonly stalled: boolean;
}

/** Runs one generator against one server; `wasStalled` tells afterwards whether the machine stood still meanwhile. */
async function once(
  server: TruthServer,
  kind: Kind,
  driver: CalibrationDriver,
  wasStalled: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Round> {
  await server.reset(driver.warmupRequests(kind.load));
  await wasStalled();
  const before = cpuNanos(server.pid);
  const { load, percentiles } = kind;
  const found = await driver.drive({ address: server.address, load, percentiles }, signal);
  const after = cpuNanos(server.pid);
  const truth = await server.truth();
  const cpu =
    before === null || after === null
      ? null
      : { nanos: after - before, requests: truth.allRequests, burnedMicros: truth.allBurnedMicros };
  return { found, truth, cpu, stalled: await wasStalled() };
}

/**
 * Nothing is left running in any case.
 * @throws ChildError or the driver's error when something cannot be driven; the signal's reason when aborted
 */
export async function calibrate(options: CalibrateOptions): Promise<CalibrationRows> {
  const meter = await startHiccupMeter();
  const wasStalled = async () => (await meter.mark()).stalls > 0;
  try {
    const rows: Row[] = [];
    const notes = new Set<string>();
    let stalledRounds = 0;
    for (const kind of options.kinds) {
      const found = await calibrateKind(kind, options, wasStalled);
      rows.push(...combineRounds(found.rows));
      stalledRounds += found.stalledRounds;
      for (const note of found.notes) notes.add(note);
    }
    return { rows, stalledRounds, notes: [...notes] };
  } finally {
    await meter.stop();
  }
}

async function calibrateKind(
  kind: Kind,
  { drivers, rounds, signal, onProgress }: CalibrateOptions,
  wasStalled: () => Promise<boolean>,
): Promise<CalibrationRows> {
  const rows: Row[] = [];
  const notes: string[] = [];
  let stalledRounds = 0;
  const server = await startTruthServer(kind);
  let control: TruthServer | null = null;
  try {
    if (kind.control !== undefined) control = await startTruthServer(kind.control);
    for (let round = 0; round < rounds; round++) {
      for (const driver of drivers) {
        if (driver.mode === 'closed' && !kind.seenByClosedLoop) continue;
        onProgress(`${kind.name}, ${driver.name}, round ${round + 1} of ${rounds}`);
        let result = await once(server, kind, driver, wasStalled, signal);
        for (let repeat = 0; result.stalled && repeat < REPEATS; repeat++) {
          result = await once(server, kind, driver, wasStalled, signal);
        }
        if (result.stalled) stalledRounds++;
        rows.push(...compareRound(kind, driver, result.found, result.truth));
        if (control === null || kind.control === undefined) continue;
        const { cpu } = await once(control, kind.control, driver, wasStalled, signal);
        if (result.cpu === null || cpu === null)
          notes.push('CPU time cannot be read from outside here: not calibrated');
        else rows.push(compareCpu(kind.name, result.cpu, cpu));
      }
    }
  } finally {
    await Promise.all([server.stop(), control?.stop()]);
  }
  return { rows, stalledRounds, notes };
}
