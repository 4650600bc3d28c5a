/**
 * The metrics of a run for Prometheus: one entry per metric, from sums of its journal. To add a metric, add an entry.
 */
import type { LatencyHistogram } from '../../core/results/histogram.ts';
import type { RunProgress } from '../../core/results/live/progress.ts';
import type { ArmTally, RunTally } from '../../core/results/live/tally.ts';

/** The data available to a scrape. */
export interface RunState {
  readonly tally: RunTally;
  readonly progress: RunProgress;
  /** Corrected latencies of the open loop, by `experiment arm`. */
  readonly latencies: ReadonlyMap<string, LatencyHistogram>;
  /** The longest delay caused by the machine itself, by experiment, ms. */
  readonly hiccupMs: ReadonlyMap<string, number>;
  /** CPU time of this process. */
  readonly harnessCpuSeconds: number;
}

export type Labels = Readonly<Record<string, string>>;

export interface RunMetric {
  /** The name, in base units, seconds and bytes; that of a sum ends in `_total`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
  values(state: RunState): readonly (readonly [Labels, number])[];
}

const NS = 1e9;
const STATES = ['to come', 'under way', 'done', 'failed', 'interrupted', 'skipped'] as const;
const PHASES = ['waiting', 'checking', 'measuring', 'ended', 'interrupted'] as const;
const flag = (isOn: boolean) => (isOn ? 1 : 0);

/** A value of each arm in each experiment. */
const ofArms =
  (value: (arm: ArmTally) => number) =>
  ({ tally }: RunState) =>
    [...tally.experiments.values()].flatMap(({ name, arms }) =>
      [...arms.values()].map((arm) => [{ experiment: name, arm: arm.arm }, value(arm)] as const),
    );

export const RUN_METRICS: readonly RunMetric[] = [
  {
    name: 'tollgate_run_info',
    type: 'gauge',
    help: 'Identifies the run; always 1.',
    labels: ['run', 'profile'],
    values: ({ tally: { header } }) =>
      header === null ? [] : [[{ run: header.runId, profile: header.config.profile }, 1]],
  },
  {
    name: 'tollgate_run_phase',
    type: 'gauge',
    help: 'Whether the run is in this phase.',
    labels: ['phase'],
    values: ({ progress }) => PHASES.map((phase) => [{ phase }, flag(progress.phase === phase)]),
  },
  {
    name: 'tollgate_run_elapsed_seconds',
    type: 'gauge',
    help: 'Time since the run began.',
    labels: [],
    values: ({ progress: { elapsedSeconds } }) => (elapsedSeconds === null ? [] : [[{}, elapsedSeconds]]),
  },
  {
    name: 'tollgate_run_left_seconds',
    type: 'gauge',
    help: 'Remaining planned time.',
    labels: [],
    values: ({ progress: { secondsLeft } }) => (secondsLeft === null ? [] : [[{}, secondsLeft]]),
  },
  {
    name: 'tollgate_experiment_seconds',
    type: 'gauge',
    help: 'Time spent on the experiment so far.',
    labels: ['experiment'],
    values: ({ progress }) => progress.experiments.map(({ name, seconds }) => [{ experiment: name }, seconds]),
  },
  {
    name: 'tollgate_experiment_planned_seconds',
    type: 'gauge',
    help: 'Planned time of the experiment.',
    labels: ['experiment'],
    values: ({ progress }) =>
      progress.experiments.map(({ name, expectedSeconds }) => [{ experiment: name }, expectedSeconds]),
  },
  {
    name: 'tollgate_experiment_state',
    type: 'gauge',
    help: 'Whether the experiment is in this state.',
    labels: ['experiment', 'state'],
    values: ({ progress }) =>
      progress.experiments.flatMap(({ name, state: now }) =>
        STATES.map((state) => [{ experiment: name, state }, flag(state === now)] as const),
      ),
  },
  {
    name: 'tollgate_forks_total',
    type: 'counter',
    help: 'Fresh starts of all processes.',
    labels: ['experiment'],
    values: ({ tally }) => [...tally.experiments.values()].map(({ name, forks }) => [{ experiment: name }, forks]),
  },
  {
    name: 'tollgate_slices_total',
    type: 'counter',
    help: 'Slices in the journal.',
    labels: ['experiment'],
    values: ({ tally }) => [...tally.experiments.values()].map(({ name, slices }) => [{ experiment: name }, slices]),
  },
  {
    name: 'tollgate_requests_total',
    type: 'counter',
    help: 'Requests answered, or operations completed, excluding warm-up.',
    labels: ['experiment', 'arm'],
    values: ofArms(({ requests }) => requests),
  },
  {
    name: 'tollgate_errors_total',
    type: 'counter',
    help: 'Requests with an unexpected response, or none.',
    labels: ['experiment', 'arm'],
    values: ofArms(({ errors }) => errors),
  },
  {
    name: 'tollgate_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time by role: replica, redis, companion, balancer. The generator has no arm, because it serves all of them.',
    labels: ['experiment', 'arm', 'role'],
    values: (state) => [
      ...ofArms(({ replicaCpuNs }) => replicaCpuNs / NS)(state).map(withRole('replica')),
      ...ofArms(({ redisCpuNs }) => redisCpuNs / NS)(state).map(withRole('redis')),
      ...ofArms(({ companionCpuNs }) => companionCpuNs / NS)(state).map(withRole('companion')),
      ...ofArms(({ balancerCpuNs }) => balancerCpuNs / NS)(state)
        .filter(([, seconds]) => seconds > 0)
        .map(withRole('balancer')),
      ...[...state.tally.experiments.values()].map(
        ({ name, generatorCpuNs }) => [{ experiment: name, arm: '', role: 'generator' }, generatorCpuNs / NS] as const,
      ),
    ],
  },
  {
    name: 'tollgate_redis_commands_total',
    type: 'counter',
    help: 'Commands executed by Redis.',
    labels: ['experiment', 'arm'],
    values: ofArms(({ redisCommands }) => redisCommands),
  },
  {
    name: 'tollgate_hiccup_max_seconds',
    type: 'gauge',
    help: 'Longest stall of the machine itself during latency measurements.',
    labels: ['experiment'],
    values: ({ hiccupMs }) => [...hiccupMs].map(([experiment, ms]) => [{ experiment }, ms / 1000]),
  },
  {
    name: 'tollgate_flagged_slices_total',
    type: 'counter',
    help: 'Slices with this validity flag.',
    labels: ['flag'],
    values: ({ tally }) => [...tally.flags].map(([name, slices]) => [{ flag: name }, slices]),
  },
  {
    name: 'tollgate_harness_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of the process that runs the benchmark and serves these metrics.',
    labels: [],
    values: ({ harnessCpuSeconds }) => [[{}, harnessCpuSeconds]],
  },
];

const withRole =
  (role: string) =>
  ([labels, value]: readonly [Labels, number]) =>
    [{ ...labels, role }, value] as const;

/** The histogram of latencies, separate because it has buckets. */
export const LATENCY_METRIC = {
  name: 'tollgate_latency_seconds',
  help: 'Latency at given loads so far, from the intended send time.',
  labels: ['experiment', 'arm'],
  bucketsMicros: [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
  ],
} as const;
