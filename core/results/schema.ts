/**
 * The files of a run. The journal contains raw slices, one JSON object per line, in the order in which they ended;
 * `run.json` contains the figures computed from them. Both are validated when written and when read.
 */
import type { Static } from 'typebox';
import { Type } from '../schema.ts';
import { ArmSummary } from './arms.ts';
import { MeasuresSchema } from './measures.ts';
import { METRIC_NAMES, type Metric } from './metrics.ts';
import { RunConfig } from './recorded/config.ts';
import { Environment, Throttled } from './recorded/environment.ts';
import { FactorValues } from './recorded/factors.ts';
import { FlagName, oneOf } from './recorded/names.ts';
import { MergedShard, ShardBegan, ShardsDiffer } from './recorded/shards.ts';
import { CellTimeline, Timeline } from './recorded/timeline.ts';

/** Increased whenever a reader of the old form would misread the new one. */
export const SCHEMA_VERSION = 1;

const closed = { additionalProperties: false } as const;
const finite = Type.Number();

export const MetricName = oneOf<Metric>(METRIC_NAMES);

/** The factors that distinguish a cell, apart from its arm. */
export const Factors = FactorValues;
export type Factors = Static<typeof Factors>;

export const Header = Type.Object(
  {
    kind: Type.Literal('run'),
    schemaVersion: Type.Literal(SCHEMA_VERSION),
    runId: Type.String(),
    /** ISO 8601, UTC. */
    startedAt: Type.String(),
    commandLine: Type.String(),
    config: RunConfig,
    environment: Environment,
    arms: Type.Array(ArmSummary),
  },
  closed,
);
export type Header = Static<typeof Header>;

export const Resumed = Type.Object(
  { kind: Type.Literal('resumed'), at: Type.String(), commandLine: Type.String() },
  closed,
);

const ForkStarted = Type.Object(
  {
    kind: Type.Literal('fork'),
    experiment: Type.String(),
    fork: Type.Integer({ minimum: 0 }),
    at: Type.String(),
    /** The time from the first spawn until the last replica is ready and logged in to. */
    startupMs: finite,
    processes: Type.Integer(),
  },
  closed,
);

/** How a fork spent its time, written after its processes ended. */
export const ForkEnded = Type.Object(
  {
    kind: Type.Literal('fork-ended'),
    experiment: Type.String(),
    fork: Type.Integer({ minimum: 0 }),
    seconds: Type.Object(
      {
        start: finite,
        /** Absent if the experiment does not separate it from the load. */
        warmUp: Type.Optional(finite),
        load: finite,
        end: finite,
      },
      closed,
    ),
  },
  closed,
);
export type ForkEnded = Static<typeof ForkEnded>;

/** The kind of work done in a slice. */
export const SLICE_MODES = {
  paired: 'all arms in turns within one block',
  'warm-up': 'load as in `paired` that counts in no figure, before the first block',
  closed: 'each connection sends its next request as soon as it has an answer',
  open: 'requests at a given rate, whether or not earlier ones were answered',
  connect: 'new connections, with one request on each',
  micro: 'one operation, alone in a loop',
  fill: 'sessions written to Redis',
  lookup: 'sessions looked up in Redis',
  watch: 'one credential, used on every replica until it is refused',
  trial: 'one attack or honest page in a browser',
  count: 'something counted and not timed',
  profile: 'one arm alone, with or without the profiler',
} as const;
export type SliceMode = keyof typeof SLICE_MODES;

/** One slice: what one arm did in one block. */
export const Slice = Type.Object(
  {
    kind: Type.Literal('slice'),
    experiment: Type.String(),
    fork: Type.Integer({ minimum: 0 }),
    block: Type.Integer({ minimum: 0 }),
    /** Position in the random order of its block. */
    order: Type.Integer({ minimum: 0 }),
    arm: Type.Union([Type.String(), Type.Null()]),
    /** The number of the process among several of one arm, fork and block; 0 if absent. */
    process: Type.Optional(Type.Integer({ minimum: 0 })),
    factors: Factors,
    mode: oneOf<SliceMode>(Object.keys(SLICE_MODES) as SliceMode[]),
    durationMs: finite,
    /** Requests answered, or operations done. */
    requests: Type.Integer({ minimum: 0 }),
    /** Responses that break the contract; `failed` counts requests without a response. */
    unexpected: Type.Integer({ minimum: 0 }),
    failed: Type.Integer({ minimum: 0 }),
    /** Count per HTTP status. */
    statuses: Type.Record(Type.String(), Type.Integer()),
    measures: MeasuresSchema,
    /** Latency histograms by name (`corrected`, `service`, `machine`), in HdrHistogram's compressed V2 encoding, µs. */
    histograms: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: '^HISTFA[A-Za-z0-9+/]*={0,2}$', maxLength: 400_000 })),
    ),
    timeline: Type.Optional(Timeline),
    flags: Type.Array(FlagName),
  },
  closed,
);
export type Slice = Static<typeof Slice>;

export const StoppedBy = Type.Union([
  Type.Literal('interval'),
  Type.Literal('budget'),
  Type.Literal('plan'),
  Type.Literal('interrupted'),
  Type.Literal('failed'),
  Type.Literal('skipped'),
]);
export type StoppedBy = Static<typeof StoppedBy>;

export const ExperimentEnded = Type.Object(
  {
    kind: Type.Literal('experiment-ended'),
    experiment: Type.String(),
    stoppedBy: StoppedBy,
    /** One line, if it failed. */
    error: Type.Union([Type.String(), Type.Null()]),
    seconds: finite,
  },
  closed,
);
export type ExperimentEnded = Static<typeof ExperimentEnded>;

/** Information for the reader: `{text: 'no cgroup can be written here: …'}`. */
export const Note = Type.Object({ kind: Type.Literal('note'), text: Type.String() }, closed);

/** The security checks before a run, with the arms that failed one. They were timed only if `timed` says so. */
export const GateEnded = Type.Object(
  {
    kind: Type.Literal('gate'),
    at: Type.String(),
    seconds: finite,
    failed: Type.Array(Type.String()),
    timed: Type.Boolean(),
  },
  closed,
);
export type GateEnded = Static<typeof GateEnded>;

const RunEnded = Type.Object(
  {
    kind: Type.Literal('run-ended'),
    at: Type.String(),
    interrupted: Type.Boolean(),
    seconds: finite,
    /** Peak resident memory of the bench process itself. */
    peakRssBytes: finite,
    /** Absent if no quota stopped this part of the run. */
    throttled: Type.Optional(Throttled),
  },
  closed,
);

export const JournalLine = Type.Union([
  Header,
  Resumed,
  ForkStarted,
  ForkEnded,
  Slice,
  ExperimentEnded,
  Note,
  GateEnded,
  RunEnded,
  ShardBegan,
  MergedShard,
  ShardsDiffer,
]);
export type JournalLine = Static<typeof JournalLine>;

/**
 * One row of the tidy table. `low` and `high` bound the interval; both equal `value` if it was counted, not sampled.
 */
export const Figure = Type.Object(
  {
    experiment: Type.String(),
    arm: Type.Union([Type.String(), Type.Null()]),
    factors: Factors,
    metric: MetricName,
    unit: Type.String(),
    value: finite,
    low: finite,
    high: finite,
    confidence: finite,
    blocks: Type.Integer({ minimum: 0 }),
    forks: Type.Integer({ minimum: 0 }),
    source: Type.Union([Type.Literal('measured'), Type.Literal('model')]),
    flags: Type.Array(FlagName),
    /** The two-sided p-value of a ratio being 1. Absent if the interval implies it, and in older runs. */
    pNoDifference: Type.Optional(finite),
  },
  closed,
);
export type Figure = Static<typeof Figure>;

export const ExperimentSummary = Type.Object(
  {
    name: Type.String(),
    question: Type.String(),
    stoppedBy: Type.Union([StoppedBy, Type.Null()]),
    error: Type.Union([Type.String(), Type.Null()]),
    seconds: finite,
    forks: Type.Integer(),
    blocks: Type.Integer(),
    requests: Type.Integer(),
    unexpected: Type.Integer(),
  },
  closed,
);
export type ExperimentSummary = Static<typeof ExperimentSummary>;

/** `run.json`. */
export const Run = Type.Object(
  {
    schemaVersion: Type.Literal(SCHEMA_VERSION),
    runId: Type.String(),
    startedAt: Type.String(),
    endedAt: Type.Union([Type.String(), Type.Null()]),
    complete: Type.Boolean(),
    interrupted: Type.Boolean(),
    commandLine: Type.String(),
    config: RunConfig,
    environment: Environment,
    arms: Type.Array(ArmSummary),
    experiments: Type.Array(ExperimentSummary),
    notes: Type.Array(Type.String()),
    /** Every flag of any figure. */
    flags: Type.Array(FlagName),
    /** Journal lines that could not be read: `{line, reason}`. The others were used. */
    damagedLines: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String() }, closed)),
    figures: Type.Array(Figure),
    /** The first timeline of each cell that has one, for the charts. */
    timelines: Type.Optional(Type.Array(CellTimeline)),
    /** The shards of a merged run. */
    shards: Type.Optional(Type.Array(MergedShard)),
  },
  closed,
);
export type Run = Static<typeof Run>;
