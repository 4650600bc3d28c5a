/** Runs every generator against every server of known truth and compares the results. */
import { thenEnding } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { type HiccupReading, startHiccupMeter } from '../hiccup/meter.ts';
import { OpenGenerator } from '../load/open/client.ts';
import { confine, pinnableCores, type SeparateCores } from '../processes/cores.ts';
import { separateUsableCores } from '../processes/usable-cores.ts';
import { combineRounds, compareRound, isCalm, type Row, type Testimony } from './compare.ts';
import type { CalibrationDriver, DriveResult } from './driver.ts';
import { ECHO } from './kinds/burn.ts';
import type { Kind } from './kinds/kind.ts';
import type { CalibrateOptions } from './options.ts';
import { BYSTANDERS, pairedRound } from './paired-round.ts';
import { Repeats, stepsOf } from './steps.ts';
import { startTruthServer, type TruthServer } from './truth/client.ts';
import { warmUp } from './warm-up.ts';

export interface CalibrationRows {
  readonly rows: Row[];
  /** Median round trip to a server over all rounds. It is part of the true percentiles. */
  readonly loopbackMicros: number;
  /** Measurements that the machine disturbed even when repeated. */
  readonly disturbedRounds: number;
  readonly notes: string[];
}

interface Round {
  readonly found: DriveResult;
  readonly testimony: Testimony;
  readonly disturbed: boolean;
}

const BLIND_NOTE = 'CPU time was not calibrated: it cannot be read from outside on this system.';

const METER_SLEEP_MS = 5;

class Calibrator {
  readonly #options: CalibrateOptions;
  readonly #open: OpenGenerator;
  readonly #echo: TruthServer;
  /** Null if processes cannot be pinned. */
  readonly #apart: SeparateCores | null;
  readonly #all: readonly number[];
  /** Whether, since the last call, the machine stalled or gave CPU time to another guest. */
  readonly #wasDisturbed: () => Promise<boolean>;
  readonly #repeats: Repeats;
  readonly #rows: Row[] = [];
  readonly #loopbacksMicros: number[] = [];
  #disturbedRounds = 0;
  #blindToCpu = false;

  constructor(
    options: CalibrateOptions,
    { open, echo, apart, all }: { open: OpenGenerator; echo: TruthServer; apart: SeparateCores | null; all: number[] },
    wasDisturbed: () => Promise<boolean>,
  ) {
    this.#options = options;
    this.#open = open;
    this.#echo = echo;
    this.#apart = apart;
    this.#all = all;
    this.#wasDisturbed = wasDisturbed;
    this.#repeats = new Repeats(stepsOf(options), options);
  }

  async warmUp(): Promise<void> {
    const { onProgress, signal, warmsUp } = this.#options;
    if (!warmsUp) return;
    onProgress('warming up the open loop');
    await warmUp(this.#open, this.#echo.address, signal);
  }

  async kind(kind: Kind): Promise<void> {
    const { drivers, rounds } = this.#options;
    const server = await startTruthServer(kind, this.#apart?.measured[0]);
    await thenEnding(
      async () => {
        for (let round = 0; round < rounds; round++) {
          for (const driver of drivers) {
            // A generator that is only shown for comparison needs no median.
            if ((driver.mode === 'closed' && !kind.seenByClosedLoop) || (!driver.judged && round > 0)) continue;
            this.#announce(kind, driver.name, round);
            this.#keep(kind, driver, await this.#calmRound(server, kind, driver));
          }
        }
        if (kind.control !== undefined) await this.#cpu(server, kind, kind.control);
      },
      () => server.stop(),
    );
  }

  result(): CalibrationRows {
    const loopbacks = this.#loopbacksMicros.toSorted((a, b) => a - b);
    return {
      rows: combineRounds(this.#rows),
      loopbackMicros: loopbacks[Math.floor(loopbacks.length / 2)] ?? 0,
      disturbedRounds: this.#disturbedRounds,
      notes: this.#blindToCpu ? [BLIND_NOTE] : [],
    };
  }

  #announce(kind: Kind, driver: string, round: number): void {
    const { onProgress, rounds } = this.#options;
    onProgress(`${this.#repeats.next()}  ${kind.name}, ${driver}, round ${round + 1} of ${rounds}`);
  }

  #keep(kind: Kind, driver: CalibrationDriver, { found, testimony, disturbed }: Round): void {
    if (disturbed) this.#disturbedRounds++;
    this.#loopbacksMicros.push(testimony.loopbackMicros);
    this.#rows.push(...compareRound(kind, driver, found, testimony).map((row) => ({ ...row, disturbed })));
  }

  async #calmRound(server: TruthServer, kind: Kind, driver: CalibrationDriver): Promise<Round> {
    let round = await this.#round(server, kind, driver);
    for (let repeat = 0; round.disturbed && this.#repeats.allows(repeat, kind); repeat++) {
      round = await this.#round(server, kind, driver);
    }
    return round;
  }

  async #round(server: TruthServer, kind: Kind, driver: CalibrationDriver): Promise<Round> {
    const { load, percentiles } = kind;
    const loopbackMicros = await server.loopbackMicros(this.#echo);
    // An open loop reports when each request was due, so the server need not see it at once and can leave its core to others.
    await server.reset(driver.warmupRequests(load), driver.mode === 'closed' ? 'polling' : 'looking');
    await this.#wasDisturbed();
    const drive = () => driver.drive({ address: server.address, load, percentiles }, this.#options.signal, this.#open);
    const found = await (driver.mode === 'open' ? this.#aside(drive) : drive());
    const truth = await server.truth(found);
    const disturbed = (await this.#wasDisturbed()) || !isCalm(found, truth);
    return { found, testimony: { truth, loopbackMicros }, disturbed };
  }

  /** Keeps this process off the measuring core during `run`. Processes of other drivers inherit its cores. */
  async #aside<T>(run: () => Promise<T>): Promise<T> {
    if (this.#apart === null) return run();
    confine(process.pid, this.#apart.measured);
    try {
      return await run();
    } finally {
      confine(process.pid, this.#all);
    }
  }

  /** Tests the paired load, the source of all tolls, with a server that burns CPU time among others that do not. */
  async #cpu(burning: TruthServer, kind: Kind, controlKind: Kind): Promise<void> {
    const { rounds, signal } = this.#options;
    const others: TruthServer[] = [];
    await thenEnding(
      async () => {
        while (others.length <= BYSTANDERS) {
          signal.throwIfAborted();
          others.push(await startTruthServer(controlKind, this.#apart?.measured[0]));
        }
        const [control, ...bystanders] = others;
        for (let round = 0; control !== undefined && round < rounds; round++) {
          this.#announce(kind, 'paired load', round);
          const rows = await pairedRound(kind.name, { burning, control, bystanders }, round);
          signal.throwIfAborted();
          if (rows === null) this.#blindToCpu = true;
          else this.#rows.push(...rows);
        }
      },
      () => stopInOrder([others]),
    );
  }
}

/** Percent of all cores' time. The kernel counts it in steps of 10 ms; a measurement lasts two seconds or so. */
const STOLEN_PERCENT = 0.25;

/** Whether the meter saw the machine stall, or the hypervisor's account shows that another guest ran. */
function isDisturbed({ stalls, stealPercent }: Pick<HiccupReading, 'stalls' | 'stealPercent'>): boolean {
  return stalls > 0 || (stealPercent ?? 0) > STOLEN_PERCENT;
}

/**
 * All processes have ended when it returns or throws. @throws ChildError or the driver's error if something cannot be
 * driven; the signal's reason when aborted
 */
export async function calibrate(options: CalibrateOptions): Promise<CalibrationRows> {
  // Two processes on two cores poll for each other's messages; unpinned, the scheduler sometimes puts both on one
  // core.
  const all = pinnableCores();
  const apart = separateUsableCores();
  const core = apart?.measured[0];
  // One process, woken often enough to see a stall: more would disturb the calibration.
  const meter = await startHiccupMeter({ cores: core === undefined ? [] : [core], sleepMs: METER_SLEEP_MS });
  const open = new OpenGenerator(apart === null ? {} : { core: apart.measuring });
  let echo: TruthServer | null = null;
  return thenEnding(
    async () => {
      echo = await startTruthServer(ECHO, core);
      const calibrator = new Calibrator(options, { open, echo, apart, all }, async () =>
        isDisturbed(await meter.mark()),
      );
      await calibrator.warmUp();
      for (const kind of options.kinds) await calibrator.kind(kind);
      return calibrator.result();
    },
    () => stopInOrder([[meter, open, echo]]),
  );
}
