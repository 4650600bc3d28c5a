/** What an experiment is: a question, its defaults, how it measures, and how its slices become figures. */
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
   * Watches the machine itself; take a mark at the end of each slice. Started when first asked for: it wakes a thousand
   * times a second on every core, a cost that should not be in CPU figures.
   */
  readonly meter: () => Promise<HiccupMeter>;
  /** Open-loop processes. They are kept from fork to fork, and warm after the first runs. */
  readonly open: () => Promise<OpenGenerator>;
  /**
   * Puts those who measure on one core and everybody else on the others, until the fork ends: called before anything is
   * measured. @returns false where there are not two cores to choose from, or processes cannot be pinned
   */
  readonly setApart: () => boolean;
  /**
   * Puts the servers on one core, and the load with every Redis on the others, until the fork ends. A server's helper threads
   * go with it, so this is for servers that are warm. @returns false where that is impossible
   */
  readonly setServersApart: () => boolean;
  /** Reads the servers' CPU time where they are on other hosts. */
  readonly watchCpu?: typeof watchCpu;
  /** Tells the journal that starting and warming up are over. */
  readonly loadBegins: () => void;
}

export interface Progress {
  /** The current step, such as `start 2, block 3`. */
  readonly step: string;
  /** Figures so far, short: `session-redis 2.9× · jwt-hs256 1.6×`. */
  readonly live?: string;
}

/** What an experiment may use while it measures. It writes through `record`, and nothing is lost after that. */
export interface ExperimentContext {
  readonly config: RunConfig;
  /** The run's directory, for files in addition to the journal. */
  readonly directory: string;
  /** The arms to measure, the baseline first where it is among them. */
  readonly arms: readonly ArmInfo[];
  /** The arms that an experiment of this run measures; empty where the run does not include it. */
  readonly armsOf: (experiment: string) => readonly ArmInfo[];
  readonly random: Random;
  /** False if replicas run without limits. */
  readonly canLimitCpu: boolean;
  /** False if an existing Redis is used, which must be neither limited nor filled. */
  readonly ownsRedis: boolean;
  readonly cores: number;
  /** How many hosts replicas are spread over; none where all of them share this machine. */
  readonly replicaHosts?: number;
  /** How a balancer on a host of its own spreads requests; absent where the load generators choose the replica. */
  readonly balancer?: NonNullable<Environment['balancer']>;
  /** Slices of this experiment that an earlier, broken-off part of the run left. */
  readonly prior: readonly Slice[];
  /** The fork that was under way when that part ended; null where this part is the first. */
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
  /** Records a note, and shows it at once. */
  readonly say: (text: string) => void;
  /** Starts fleets and a generator, runs `body`, and stops them again whatever happens. */
  readonly withFork: (
    fork: number,
    specs: readonly FleetSpec[],
    body: (running: RunningFork) => Promise<void>,
  ) => Promise<void>;
  /** To be called with each process that an experiment starts itself, so that none can outlive the run. */
  readonly watch: (child: ChildProcess) => void;
  /** To be called with each directory that it makes, whose name begins with `tollgate-`. */
  readonly watchDirectory: (path: string) => void;
  /** A Redis for experiments without fleets; null where none is needed. Stopped with the experiment. */
  readonly startRedis: () => Promise<{ readonly url: string; readonly keyPrefix: string }>;
  /** Starts a companion. @throws TollgateError (environment) if it is not installed */
  readonly startCompanion: (kind: CompanionKind) => Promise<CompanionAddress>;
}

export interface AnalysisContext {
  readonly config: RunConfig;
  readonly environment: Environment;
  /** Every arm of the run, with what it declares. */
  readonly arms: readonly ArmSummary[];
  /** The name of the unguarded arm, for pairing; empty where the run has none. */
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
  /** True if it needs a program that no other experiment needs: if that is missing, the others go on. */
  readonly failsAlone?: true;
  /** True if its servers and generators may be on other hosts. */
  readonly onHosts?: true;
  /** What it leaves out with a Redis that is not Tollgate's own, and why; left out where that is nothing. */
  readonly leavesOut?: string;
  /** Seconds it gets per profile where nothing else is asked; budgets are divided in this proportion. */
  readonly seconds: Readonly<Record<Profile, number>>;
  /** Seconds in the quick profile if it is named, if that is more than its part of the whole profile. */
  readonly namedSeconds?: number;
  /** One fresh start takes at least as long in the quick profile, on two idle cores, whatever the budget. */
  readonly leastSeconds: { readonly once: number; readonly perArm: number };
  /** The arms that it measures if the user names none. */
  readonly defaultArms: (all: readonly ArmInfo[], profile: Profile) => readonly string[];
  readonly run: (context: ExperimentContext) => Promise<StoppedBy>;
  /** Pure: the same slices give the same figures. */
  readonly analyse: (slices: readonly Slice[], context: AnalysisContext) => readonly Figure[];
  /** Figures that follow from those of every experiment of the run, once all are analysed. Pure. */
  readonly extrapolate?: (figures: readonly Figure[], arms: readonly ArmSummary[]) => readonly Figure[];
  /** Whether a slice is there to provoke wrong or missing answers, which then call for no warning. By default no slice is. Pure. */
  readonly provokes?: (slice: Slice, arms: readonly ArmSummary[]) => boolean;
  /** The slices whose histograms its figures are made of, where that is not all of them. Pure. */
  readonly histogramSlices?: (slices: readonly Slice[]) => readonly Slice[];
}
