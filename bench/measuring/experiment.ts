/** The interface of an experiment: a question, its defaults, its measurement, and its analysis. */
import type { ChildProcess } from 'node:child_process';
import type { ArmSummary } from '../../core/results/arms.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { Environment } from '../../core/results/recorded/environment.ts';
import type { Figure, Slice, StoppedBy } from '../../core/results/schema.ts';
import type { Random } from '../../core/stats/random.ts';
import type { CompanionAddress } from '../../servers/configuration.ts';
import type { ArmInfo, CompanionKind } from '../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../fleet/fleet.ts';
import type { HiccupMeter } from '../hiccup/meter.ts';
import type { Generator } from '../load/generator.ts';
import type { OpenGenerator } from '../load/open/client.ts';
import type { NewSlice } from './slices.ts';
import type { watchCpu } from './watch-cpu.ts';

export type Profile = RunConfig['profile'];

/** A fresh start of all processes. The caller of the experiment stops it. */
export interface RunningFork {
  readonly fork: number;
  readonly fleets: readonly Fleet[];
  readonly generator: Generator;
  /**
   * Observes the machine itself; take a mark at the end of each slice. Started on first use: it wakes a thousand
   * times a second on every core, a cost that should not be in CPU figures.
   */
  readonly meter: () => Promise<HiccupMeter>;
  /** Open-loop processes. They are kept between forks, and warm after the first runs. */
  readonly open: () => Promise<OpenGenerator>;
  /**
   * Pins measuring processes to one core and all others to the rest, until the fork ends: called before any
   * measurement. If there are fewer than two cores, or processes cannot be pinned, the run notes it.
   */
  readonly setApart: () => void;
  /**
   * Pins the servers to one core, and the load with every Redis to the others, until the fork ends. A server's helper
   * threads move with it, so this is for warm servers. If that is impossible, the run notes it.
   */
  readonly setServersApart: () => void;
  /** Reads the servers' CPU time if they are on other hosts. */
  readonly watchCpu?: typeof watchCpu;
  /** Records in the journal that starting and warming up are over. */
  readonly loadBegins: () => void;
}

export interface Progress {
  /** The current step, such as `start 2, block 3`. */
  readonly step: string;
  /** Figures so far, in short form: `session-redis 2.9× · jwt-hs256 1.6×`. */
  readonly live?: string;
}

/** What an experiment may use while it measures. It records slices with `record`, after which they cannot be lost. */
export interface ExperimentContext {
  readonly config: RunConfig;
  /** The run's directory, for files in addition to the journal. */
  readonly directory: string;
  /** The arms to measure, the baseline first if it is included. */
  readonly arms: readonly ArmInfo[];
  /** The arms that an experiment of this run measures; empty if the run does not include it. */
  readonly armsOf: (experiment: string) => readonly ArmInfo[];
  readonly random: Random;
  /** False if replicas run without limits. */
  readonly canLimitCpu: boolean;
  /** False if an existing Redis is used, which must be neither limited nor filled. */
  readonly ownsRedis: boolean;
  readonly cores: number;
  /** The number of hosts with replicas; absent if all of them share this machine. */
  readonly replicaHosts?: number;
  /** How a balancer on its own host spreads requests; absent if the load generators choose the replica. */
  readonly balancer?: NonNullable<Environment['balancer']>;
  /** Slices of this experiment from an earlier, interrupted part of the run. */
  readonly prior: readonly Slice[];
  /** The fork that was running when that part ended; null if this part is the first. */
  readonly brokenOffFork: number | null;
  /** The slices recorded so far, including those of earlier parts of the run. */
  readonly recorded: () => readonly Slice[];
  /** Number of the first fork not used yet. */
  readonly nextFork: () => number;
  /** The most forks, for servers that run elsewhere and cannot be restarted. No limit by default. */
  readonly mostForks?: number;
  /** Aborted on Ctrl-C: stop between slices. */
  readonly signal: AbortSignal;
  readonly secondsLeft: () => number;
  readonly record: (slice: NewSlice) => void;
  readonly progress: (progress: Progress) => void;
  readonly note: (text: string) => void;
  /** Records a note, and shows it immediately. */
  readonly say: (text: string) => void;
  /** Starts fleets and a generator, runs `body`, and stops them again whatever happens. */
  readonly withFork: (
    fork: number,
    specs: readonly FleetSpec[],
    body: (running: RunningFork) => Promise<void>,
  ) => Promise<void>;
  /** Must be called with each process that an experiment starts itself, so that none outlives the run. */
  readonly watch: (child: ChildProcess) => void;
  /** Must be called with each directory that it creates, whose name begins with `tollgate-`. */
  readonly watchDirectory: (path: string) => void;
  /** A Redis for experiments without fleets; null if none is needed. Stopped with the experiment. */
  readonly startRedis: () => Promise<{ readonly url: string; readonly keyPrefix: string }>;
  /** Starts a companion. @throws TollgateError (environment) if it is not installed */
  readonly startCompanion: (kind: CompanionKind) => Promise<CompanionAddress>;
}

export interface AnalysisContext {
  readonly config: RunConfig;
  readonly environment: Environment;
  /** Every arm of the run, with its declarations. */
  readonly arms: readonly ArmSummary[];
  /** The name of the unguarded arm, for pairing; empty if the run has none. */
  readonly baseline: string;
  /** Figures of the experiments analysed before this one. */
  readonly earlier: readonly Figure[];
}

export interface Experiment {
  readonly name: string;
  readonly question: string;
  /** True if plain `npm run bench` runs it; the full profile runs every experiment. */
  readonly inQuick: boolean;
  /** True if it needs a separate Redis, whatever the arms need. */
  readonly usesRedis: boolean;
  /** True if it needs a program that no other experiment needs: if that is missing, the others still run. */
  readonly failsAlone?: true;
  /** True if its servers and generators may be on other hosts. */
  readonly onHosts?: true;
  /** What it leaves out with a Redis that Tollgate did not start, and why; absent for nothing. */
  readonly leavesOut?: string;
  /** Default seconds per profile; budgets are divided in this proportion. */
  readonly seconds: Readonly<Record<Profile, number>>;
  /** Seconds in the quick profile if it is selected by name, if that is more than its share. */
  readonly namedSeconds?: number;
  /** The least time of one fork in the quick profile, on two idle cores. */
  readonly leastSeconds: { readonly once: number; readonly perArm: number };
  /** The arms that it measures unless the user names some. */
  readonly defaultArms: (all: readonly ArmInfo[], profile: Profile) => readonly string[];
  readonly run: (context: ExperimentContext) => Promise<StoppedBy>;
  /** Pure: the same slices give the same figures. */
  readonly analyse: (slices: readonly Slice[], context: AnalysisContext) => readonly Figure[];
  /** Figures derived from those of every experiment of the run, after all are analysed. Pure. */
  readonly extrapolate?: (figures: readonly Figure[], arms: readonly ArmSummary[]) => readonly Figure[];
  /**
   * Whether a slice is meant to provoke wrong or missing responses, which then need no warning. Default: none is.
   * Pure.
   */
  readonly provokes?: (slice: Slice, arms: readonly ArmSummary[]) => boolean;
  /** The slices behind its latency figures, if not all of them. Pure. */
  readonly histogramSlices?: (slices: readonly Slice[]) => readonly Slice[];
}
