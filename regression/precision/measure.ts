/**
 * Makes the runs for the rows of the precision table, alternating between builds, and observes the machine meanwhile.
 */
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { type HiccupMeter, startHiccupMeter } from '../../bench/hiccup/meter.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { runError, thenEnding } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import type { Random } from '../../core/stats/random.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Build } from '../compare/build.ts';
import { type Checkout, runCommand } from './command.ts';
import { type ControlRatio, readToll } from './read-run.ts';
import { type BuildSide, type Finding, type MachineState, PLANTED_PCT, SIDES, type Step } from './rows.ts';
import { startTurns } from './start.ts';
import { measureTurns, shiftsOf } from './turns.ts';

export interface PrecisionBuild {
  readonly build: Build;
  readonly checkout: Checkout;
}

export interface MeasureOptions {
  readonly builds: Readonly<Partial<Record<BuildSide, PrecisionBuild>>>;
  readonly steps: readonly Step[];
  /** How often each build runs a step. */
  readonly runs: number;
  /** Runs with a second baseline. */
  readonly aaRuns: number;
  /** The budget of a quick run, and of a toll; null for their default. */
  readonly budgetSeconds: number | null;
  /** The arms of a start, and of the load in turns of several lengths. */
  readonly arms: readonly ArmInfo[];
  readonly environment: FleetEnvironment;
  readonly janitor: Janitor;
  readonly random: Random;
  /** The directory for the results of the builds' runs. */
  readonly directory: string;
  /** Added to the environment of the builds' commands. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
  readonly onStep: (step: string, detail: string) => void;
}

const TOLL_SECONDS = 120;
const LONG_SECONDS = 600;
const AA_SECONDS = 60;
/** A pilot that measures the cost of an iteration: this many cost about as much as a request. */
const PILOT = { iterations: 12_000, seconds: 45 } as const;
const TURNS_SECONDS = 45;
const WRK_SECONDS = 110;
const START_SECONDS = 4;
const START_TURNS = 5;
/** Time beyond a run's budget: checking the servers, starting, writing the report. */
const AROUND_SECONDS = 30;
/** A run that takes this many times its expected duration hangs. */
const PATIENCE = 4;

/** The approximate duration of a step for one build. */
function secondsOf(step: Step, budgetSeconds: number | null): number {
  switch (step) {
    case 'quick':
    case 'toll':
      return (budgetSeconds ?? TOLL_SECONDS) + AROUND_SECONDS;
    case 'planted':
      return PILOT.seconds + (budgetSeconds ?? TOLL_SECONDS) + 2 * AROUND_SECONDS;
    case 'long':
      return LONG_SECONDS + AROUND_SECONDS;
    case 'aa':
      return AA_SECONDS + AROUND_SECONDS;
    case 'turns':
      // Once, whatever the builds.
      return (TURNS_SECONDS + AROUND_SECONDS) / 2;
    case 'start':
      return (START_TURNS + 1) * START_SECONDS;
    case 'wrk':
      return WRK_SECONDS;
  }
}

/** Seconds that all steps take, roughly. Pure. */
export function estimateSeconds({
  builds,
  steps,
  runs,
  aaRuns,
  budgetSeconds,
}: Pick<MeasureOptions, 'builds' | 'steps' | 'runs' | 'aaRuns' | 'budgetSeconds'>): number {
  const sides = Object.keys(builds).length;
  return steps.reduce((sum, step) => sum + sides * (step === 'aa' ? aaRuns : runs) * secondsOf(step, budgetSeconds), 0);
}

const checkWrk = checker(
  Type.Object({
    ratio: Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() }),
    isGeneratorLimited: Type.Optional(Type.Boolean()),
  }),
);
/** `0.85 [0.74–0.96]`: older builds print their ratio as text only. */
const WRK_TEXT = /([\d.]+)\D*\[([\d.]+)–([\d.]+)\]/;

/** So does the text of later ones. */
const WRK_LIMITED = 'limited by the closed loop itself';

/** @param output of `bench:wrk`, as JSON or text. Pure. @returns null if it holds no ratio */
export function wrkRatioOf(output: string): WrkRatio | null {
  try {
    const checked = checkWrk(JSON.parse(output));
    if (!checked.ok) return null;
    const { ratio, isGeneratorLimited = false } = checked.value;
    return { value: ratio.value, low: ratio.low, isGeneratorLimited };
  } catch {
    const [, value, low] = WRK_TEXT.exec(output) ?? [];
    if (value === undefined || low === undefined) return null;
    return { value: Number(value), low: Number(low), isGeneratorLimited: output.includes(WRK_LIMITED) };
  }
}

interface WrkRatio {
  readonly value: number;
  readonly low: number;
  /** Whether the closed loop itself, not the server, was at its limit in most blocks; false if the build does not say. */
  readonly isGeneratorLimited: boolean;
}

interface StepResult {
  readonly values: Readonly<Record<string, number>>;
  readonly limitedBy?: string;
}

/** Iterations that add the planted share to a request, extrapolated from the pilot's effect. Pure. */
export function plantedIterations(pilotRatio: number): number {
  if (!(pilotRatio > 1)) {
    throw runError(
      'the pilot run did not detect the planted slowdown',
      'the machine is too busy: run it again when it is idle',
    );
  }
  return Math.max(1, Math.round((PILOT.iterations * PLANTED_PCT) / 100 / (pilotRatio - 1)));
}

/** @throws TollgateError if a build cannot be run; the signal's reason if interrupted */
export async function measurePrecision(options: MeasureOptions): Promise<void> {
  // Woken rarely, so that its CPU time is negligible, but often enough to see a stall.
  const meter = await startHiccupMeter({ sleepMs: 10 });
  await thenEnding(
    async () => {
      const measuring = new Measuring(options, meter);
      for (const step of options.steps) await measuring.step(step);
    },
    () => meter.stop(),
  );
}

/** Steps in which each build runs its own command. */
type InTurns = Exclude<Step, 'start' | 'turns' | 'planted'>;

class Measuring {
  readonly #options: MeasureOptions;
  readonly #meter: HiccupMeter;
  #made = 0;

  constructor(options: MeasureOptions, meter: HiccupMeter) {
    this.#options = options;
    this.#meter = meter;
  }

  async step(step: Step): Promise<void> {
    if (step === 'start') return this.#start();
    if (step === 'planted') return this.#planted();
    const runs = step === 'aa' ? this.#options.aaRuns : this.#options.runs;
    for (let run = 0; run < runs; run++) {
      if (step === 'turns') await this.#turns();
      else await this.#inTurns(step, `${run + 1} of ${runs}`);
    }
  }

  /** @returns the result of `work`, and the machine's state meanwhile */
  async #watched<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly machine: MachineState }> {
    this.#options.signal.throwIfAborted();
    const loadBefore = loadavg()[0] ?? 0;
    await this.#meter.mark();
    const result = await work();
    const { stealPercent, stalls, maxLateMicros } = await this.#meter.mark();
    return { result, machine: { loadBefore, stealPercent, stalls, worstLateMs: maxLateMicros / 1000 } };
  }

  #found(side: BuildSide, machine: MachineState, values: StepResult['values'], limitedBy?: string): void {
    const limit = limitedBy === undefined ? {} : { limitedBy };
    for (const [row, value] of Object.entries(values)) this.#options.onFinding({ row, side, value, ...limit, machine });
  }

  async #inTurns(step: InTurns, which: string): Promise<void> {
    const { builds, random, onStep } = this.#options;
    for (const side of random.shuffle([...SIDES])) {
      const build = builds[side];
      if (build === undefined) continue;
      onStep(step, `${side}, run ${which}`);
      const { result, machine } = await this.#watched(() => this.#run(step, side, build.checkout));
      this.#found(side, machine, result.values, result.limitedBy);
    }
  }

  async #run(step: InTurns, side: BuildSide, checkout: Checkout): Promise<StepResult> {
    const { janitor, env, signal, budgetSeconds, onStep } = this.#options;
    const seconds = secondsOf(step, budgetSeconds);
    const onLine = (line: string) => onStep(step, `${side}: ${line}`);
    const command = { janitor, env, signal, withinSeconds: PATIENCE * seconds, onLine };
    if (step === 'wrk') {
      // Older builds have no such flag.
      const flags = side === 'head' ? ['--json'] : [];
      const ratio = wrkRatioOf(await runCommand(checkout, 'bench:wrk', flags, command));
      if (ratio === null) throw runError(`${checkout.label}: bench:wrk printed no ratio`, 'omit the wrk rows');
      const values = { wrk: ratio.value, 'wrk-low': ratio.low };
      return ratio.isGeneratorLimited ? { values, limitedBy: 'the closed loop' } : { values };
    }
    const out = this.#folder(`${side}-${step}`);
    const budget = (ownSeconds: number) => ['--budget', `${ownSeconds}s`];
    const flags: Record<typeof step, string[]> = {
      quick: budgetSeconds === null ? [] : budget(budgetSeconds),
      toll: ['--experiments', 'toll', ...budget(budgetSeconds ?? TOLL_SECONDS)],
      long: ['--experiments', 'toll', ...budget(LONG_SECONDS)],
      aa: ['--experiments', 'toll', '--aa', ...budget(AA_SECONDS)],
    };
    await runCommand(checkout, 'bench', [...flags[step], '--out', out], command);
    const { halfWidthPct, measuringPct, forks, controlHoldsOne } = readToll(out);
    if (step === 'aa') return { values: { aa: controlHoldsOne === true ? 100 : 0 } };
    if (halfWidthPct === null)
      throw runError(`${checkout.label}: no arm but the baseline was measured`, 'run it by hand');
    switch (step) {
      case 'quick':
        return { values: { quick: halfWidthPct, share: measuringPct, forks } };
      default:
        return { values: { [step]: halfWidthPct } };
    }
  }

  /** A new one, for the results of a run. */
  #folder(name: string): string {
    const path = join(this.#options.directory, `${name}-${this.#made++}`);
    mkdirSync(path);
    return path;
  }

  /** The planted slowdown, only for this build: others plant nothing. */
  async #planted(): Promise<void> {
    const { builds, budgetSeconds, runs } = this.#options;
    if (builds.head === undefined) return;
    const { checkout } = builds.head;
    const pilotFlags = ['--experiments', 'toll', '--arms', this.#baseline(), '--budget', `${PILOT.seconds}s`];
    for (let run = 0; run < runs; run++) {
      const { result, machine } = await this.#watched(async () => {
        const pilot = await this.#withPlanted(checkout, PILOT.iterations, pilotFlags);
        const budget = budgetSeconds === null ? [] : ['--budget', `${budgetSeconds}s`];
        return this.#withPlanted(checkout, plantedIterations(pilot.value), budget);
      });
      const pct = (ratio: number) => 100 * (ratio - 1);
      this.#found('head', machine, { 'planted-low': pct(result.low), 'planted-high': pct(result.high) });
    }
  }

  #baseline(): string {
    return this.#options.arms.find(({ baseline }) => baseline)?.name ?? '';
  }

  async #withPlanted(checkout: Checkout, iterations: number, flags: readonly string[]): Promise<ControlRatio> {
    const { janitor, env, signal, budgetSeconds, onStep } = this.#options;
    const onLine = (line: string) => onStep('planted', line);
    const withinSeconds = PATIENCE * secondsOf('planted', budgetSeconds);
    const out = this.#folder('planted');
    const args = [...flags, '--planted', String(iterations), '--out', out];
    await runCommand(checkout, 'bench', args, { janitor, env, signal, withinSeconds, onLine });
    const { control } = readToll(out);
    if (control === null) throw runError('the run with a planted slowdown has no second baseline', 'run it by hand');
    return control;
  }

  async #start(): Promise<void> {
    const { builds, arms, environment, random, signal, onStep, runs } = this.#options;
    onStep('start', `${arms.length} replicas of each build in turns`);
    const loadBefore = loadavg()[0] ?? 0;
    await this.#meter.mark();
    const { base, head } = builds;
    const turns = startTurns({
      environment,
      builds: { ...(base && { base: base.build }), ...(head && { head: head.build }) },
      arms: arms.map(({ name }) => name),
      turns: START_TURNS * runs,
      random,
      signal,
    });
    for await (const { side, seconds } of turns) {
      const { stealPercent, stalls, maxLateMicros } = await this.#meter.mark();
      onStep('start', `${side}: ${seconds.toFixed(2)} s`);
      this.#found(side, { loadBefore, stealPercent, stalls, worstLateMs: maxLateMicros / 1000 }, { start: seconds });
    }
  }

  /**
   * The shift that this checkout's servers and method have. A build of the base has its own of both, and its commands
   * measure no such row, so it has no value.
   */
  async #turns(): Promise<void> {
    const { builds, arms, environment, random, signal, onStep } = this.#options;
    if (builds.head === undefined) return;
    onStep('turns', 'eight servers in turns of 50, 200 and 1,000 requests');
    const { result, machine } = await this.#watched(() =>
      measureTurns({ environment, arms, seconds: TURNS_SECONDS, random, signal }),
    );
    const { oneLengthPct, slopePct } = shiftsOf(result);
    this.#found('head', machine, { turns: slopePct, 'turns-one-length': oneLengthPct });
  }
}
