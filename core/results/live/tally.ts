/**
 * Tallies the progress of a run, line by line of its journal. It keeps only counts and sums, so a longer run takes no
 * more memory. These numbers have no interval: figures are computed from the slices.
 */
import type { Flag } from '../flags.ts';
import type { Header, JournalLine, Slice, StoppedBy } from '../schema.ts';

/** Sums over the slices of one arm in one experiment, without warm-up. */
export interface ArmTally {
  readonly arm: string;
  slices: number;
  requests: number;
  /** Unexpected or missing responses. */
  errors: number;
  durationMs: number;
  replicaCpuNs: number;
  redisCpuNs: number;
  /** CPU time of processes other than replicas and Redis. */
  companionCpuNs: number;
  /** CPU time of a balancer in front of the replicas. */
  balancerCpuNs: number;
  redisCommands: number;
  /** Requests of the slices with CPU time, and of those with commands: the others would dilute the cost per request. */
  cpuRequests: number;
  commandRequests: number;
}

export interface ExperimentTally {
  readonly name: string;
  readonly arms: Map<string, ArmTally>;
  /** Forks that have begun, and those that have ended. */
  forks: number;
  forksEnded: number;
  slices: number;
  requests: number;
  errors: number;
  /** CPU time of the load generator. */
  generatorCpuNs: number;
  /** Duration of all parts of the run that have ended. */
  seconds: number;
  /** Null while it is running, or before it begins. */
  stoppedBy: StoppedBy | null;
  /** One line, if it failed. */
  error: string | null;
}

/** The most notes that are kept. */
const MOST_NOTES = 20;

export class RunTally {
  header: Header | null = null;
  /** How often the run was resumed. */
  resumed = 0;
  /** When the load began, ms since the epoch: after the security checks of the last part. Null before. */
  loadBeganMs: number | null = null;
  /** Seconds of the experiments of this part that have ended since then. */
  secondsSinceLoad = 0;
  /** Arms that failed a security check; null before the checks. */
  failedGate: readonly string[] | null = null;
  ended: { readonly at: string; readonly interrupted: boolean; readonly seconds: number } | null = null;
  /** The last time stamp of a line. */
  lastAt: string | null = null;
  /** The last experiment named by a line. */
  current: string | null = null;
  readonly experiments = new Map<string, ExperimentTally>();
  /** Slices by flag. */
  readonly flags = new Map<Flag, number>();
  notes: readonly string[] = [];
  damagedLines = 0;

  add(line: JournalLine): void {
    if ('at' in line) this.lastAt = line.at;
    switch (line.kind) {
      case 'run':
        this.header = line;
        this.lastAt = line.startedAt;
        break;
      case 'resumed':
        this.resumed++;
        this.ended = null;
        this.loadBeganMs = null;
        break;
      case 'gate':
        this.failedGate = line.failed;
        this.#loadBegan(line.at);
        break;
      case 'shard-began':
        this.#loadBegan(line.at);
        break;
      case 'fork':
        this.#under(line.experiment).forks++;
        break;
      case 'fork-ended':
        this.#under(line.experiment).forksEnded++;
        break;
      case 'slice':
        this.#addSlice(line);
        break;
      case 'experiment-ended': {
        const experiment = this.#under(line.experiment);
        experiment.seconds += line.seconds;
        experiment.stoppedBy = line.stoppedBy;
        experiment.error = line.error;
        this.secondsSinceLoad += line.seconds;
        this.current = null;
        break;
      }
      case 'note':
        if (!this.notes.includes(line.text)) this.notes = [...this.notes, line.text].slice(-MOST_NOTES);
        break;
      case 'run-ended':
        this.ended = line;
        this.current = null;
        break;
    }
  }

  get requests(): number {
    return this.#sum(({ requests }) => requests);
  }

  get errors(): number {
    return this.#sum(({ errors }) => errors);
  }

  #sum(of: (experiment: ExperimentTally) => number): number {
    return [...this.experiments.values()].reduce((sum, experiment) => sum + of(experiment), 0);
  }

  #loadBegan(at: string): void {
    this.loadBeganMs = Date.parse(at);
    this.secondsSinceLoad = 0;
  }

  /** The experiment, which is running again if it had ended: a resumed run repeats failed ones. */
  #under(name: string): ExperimentTally {
    this.current = name;
    const known = this.experiments.get(name);
    if (known !== undefined) return Object.assign(known, { stoppedBy: null, error: null });
    const made: ExperimentTally = {
      name,
      arms: new Map(),
      forks: 0,
      forksEnded: 0,
      slices: 0,
      requests: 0,
      errors: 0,
      generatorCpuNs: 0,
      seconds: 0,
      stoppedBy: null,
      error: null,
    };
    this.experiments.set(name, made);
    return made;
  }

  #addSlice(slice: Slice): void {
    const experiment = this.#under(slice.experiment);
    const errors = slice.unexpected + slice.failed;
    experiment.slices++;
    experiment.requests += slice.requests;
    experiment.errors += errors;
    for (const flag of slice.flags) this.flags.set(flag, (this.flags.get(flag) ?? 0) + 1);
    if (slice.arm === null || slice.mode === 'warm-up') return;
    const arm = armIn(experiment, slice.arm);
    const { measures } = slice;
    arm.slices++;
    arm.requests += slice.requests;
    arm.errors += errors;
    arm.durationMs += slice.durationMs;
    // In a paired block, the first slice counts for all arms of the block.
    if (slice.mode !== 'paired' || slice.order === 0)
      experiment.generatorCpuNs += numberOf(measures.generator_cpu_ns) ?? 0;
    const cpu = numberOf(measures.replica_cpu_ns);
    if (cpu !== null) {
      arm.cpuRequests += slice.requests;
      arm.replicaCpuNs += cpu;
      arm.redisCpuNs += numberOf(measures.redis_cpu_ns) ?? 0;
      arm.companionCpuNs += numberOf(measures.companion_cpu_ns) ?? 0;
      arm.balancerCpuNs += numberOf(measures.balancer_cpu_ns) ?? 0;
    }
    const commands = numberOf(measures.redis_commands);
    if (commands !== null) {
      arm.commandRequests += slice.requests;
      arm.redisCommands += commands;
    }
  }
}

function armIn({ arms }: ExperimentTally, name: string): ArmTally {
  const known = arms.get(name);
  if (known !== undefined) return known;
  const made: ArmTally = {
    arm: name,
    slices: 0,
    requests: 0,
    errors: 0,
    durationMs: 0,
    replicaCpuNs: 0,
    redisCpuNs: 0,
    companionCpuNs: 0,
    balancerCpuNs: 0,
    redisCommands: 0,
    cpuRequests: 0,
    commandRequests: 0,
  };
  arms.set(name, made);
  return made;
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
