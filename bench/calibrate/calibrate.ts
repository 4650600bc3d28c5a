/** Drives every generator against every server of known truth and compares. */
import { cpuNanos } from '../fleet/cpu.ts';
import { startHiccupMeter } from '../hiccup/meter.ts';
import { type CpuUse, combineRounds, compareCpu, compareRound, type Row, type Testimony } from './compare.ts';
import type { CalibrationDriver, DriveResult } from './driver.ts';
import { ECHO } from './kinds/burn.ts';
import type { Kind } from './kinds/kind.ts';
import { startTruthServer, type TruthServer } from './truth-client.ts';

export interface CalibrateOptions {
  readonly kinds: readonly Kind[];
  readonly drivers: readonly CalibrationDriver[];
  readonly rounds: number;
  /** A round in which the machine stood still says nothing of the generator: it is repeated, this often at most. */
  readonly repeats: number;
  readonly signal: AbortSignal;
  /** One line about what is going on. */
  readonly onProgress: (line: string) => void;
}

export interface CalibrationRows {
  readonly rows: Row[];
  /** Median over all rounds of what the way to a server and back takes. It is in the truth of the percentiles. */
  readonly loopbackMicros: number;
  readonly stalledRounds: number;
  readonly notes: string[];
}

interface Round {
  readonly found: DriveResult;
  readonly testimony: Testimony;
  /** Null where the system does not tell CPU times. */
  readonly cpu: CpuUse | null;
  readonly stalled: boolean;
}

/** What all rounds share. */
interface Bench {
  readonly echo: TruthServer;
  /** Whether the machine stood still since it was last asked. */
  readonly wasStalled: () => Promise<boolean>;
}

async function runRound(
  server: TruthServer,
  kind: Kind,
  driver: CalibrationDriver,
  { echo, wasStalled }: Bench,
  signal: AbortSignal,
): Promise<Round> {
  const loopbackMicros = await server.loopbackMicros(echo);
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
  return { found, testimony: { truth, loopbackMicros }, cpu, stalled: await wasStalled() };
}

/**
 * Nothing is left running in any case.
 * @throws ChildError or the driver's error when something cannot be driven; the signal's reason when aborted
 */
export async function calibrate(options: CalibrateOptions): Promise<CalibrationRows> {
  const meter = await startHiccupMeter();
  let echo: TruthServer | null = null;
  try {
    echo = await startTruthServer(ECHO);
    const bench: Bench = { echo, wasStalled: async () => (await meter.mark()).stalls > 0 };
    const found: KindFound[] = [];
    for (const kind of options.kinds) found.push(await calibrateKind(kind, options, bench));
    const loopbacks = found.flatMap(({ loopbacksMicros }) => loopbacksMicros).sort((a, b) => a - b);
    return {
      rows: found.flatMap(({ rows }) => combineRounds(rows)),
      loopbackMicros: loopbacks[Math.floor(loopbacks.length / 2)] ?? 0,
      stalledRounds: found.reduce((sum, { stalledRounds }) => sum + stalledRounds, 0),
      notes: found.some(({ blindToCpu }) => blindToCpu) ? [BLIND_NOTE] : [],
    };
  } finally {
    await Promise.all([meter.stop(), echo?.stop()]);
  }
}

const BLIND_NOTE = 'CPU time cannot be read from outside on this system: it was not calibrated.';

interface KindFound {
  readonly rows: Row[];
  readonly loopbacksMicros: number[];
  readonly stalledRounds: number;
  readonly blindToCpu: boolean;
}

async function calibrateKind(kind: Kind, options: CalibrateOptions, bench: Bench): Promise<KindFound> {
  const { drivers, rounds, repeats, signal, onProgress } = options;
  const rows: Row[] = [];
  const loopbacksMicros: number[] = [];
  let stalledRounds = 0;
  let blindToCpu = false;
  const server = await startTruthServer(kind);
  let control: TruthServer | null = null;
  try {
    if (kind.control !== undefined) control = await startTruthServer(kind.control);
    for (let round = 0; round < rounds; round++) {
      for (const driver of drivers) {
        if (driver.mode === 'closed' && !kind.seenByClosedLoop) continue;
        onProgress(`${kind.name}, ${driver.name}, round ${round + 1} of ${rounds}`);
        let result = await runRound(server, kind, driver, bench, signal);
        for (let repeat = 0; result.stalled && repeat < repeats; repeat++) {
          result = await runRound(server, kind, driver, bench, signal);
        }
        if (result.stalled) stalledRounds++;
        loopbacksMicros.push(result.testimony.loopbackMicros);
        rows.push(...compareRound(kind, driver, result.found, result.testimony));
        if (control === null || kind.control === undefined) continue;
        const { cpu } = await runRound(control, kind.control, driver, bench, signal);
        if (result.cpu === null || cpu === null) blindToCpu = true;
        else rows.push(compareCpu(kind.name, result.cpu, cpu));
      }
    }
  } finally {
    await Promise.all([server.stop(), control?.stop()]);
  }
  return { rows, loopbacksMicros, stalledRounds, blindToCpu };
}
