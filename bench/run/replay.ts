/** Makes a run from a journal. Figures are computed from slices, so they can be rebuilt. Pure. */

import { namesOfRole } from '../../core/results/arms.ts';
import { FLAG_NAMES } from '../../core/results/flags.ts';
import type { Journal } from '../../core/results/journal.ts';
import type { Environment, Throttled } from '../../core/results/recorded/environment.ts';
import {
  type ExperimentSummary,
  type Figure,
  type JournalLine,
  type Run,
  SCHEMA_VERSION,
  type Slice,
} from '../../core/results/schema.ts';
import { EXPERIMENTS } from '../experiments/registry.ts';
import type { Experiment } from '../measuring/experiment.ts';
import { memoryFlags } from './cpu-environment.ts';
import { shardCaveats } from './shards/caveats.ts';

type Kind<K extends JournalLine['kind']> = Extract<JournalLine, { kind: K }>;

function ofKind<K extends JournalLine['kind']>(lines: readonly JournalLine[], kind: K): Kind<K>[] {
  return lines.filter((line): line is Kind<K> => line.kind === kind);
}

function summarise(journal: Journal, experiment: Experiment, slices: readonly Slice[]): ExperimentSummary {
  const { name, question, provokes } = experiment;
  const { arms } = journal.header;
  const judged = slices.filter((slice) => provokes?.(slice, arms) !== true);
  const ends = ofKind(journal.lines, 'experiment-ended').filter((end) => end.experiment === name);
  const last = ends.at(-1);
  return {
    name,
    question,
    stoppedBy: last?.stoppedBy ?? null,
    error: last?.error ?? null,
    seconds: ends.reduce((sum, { seconds }) => sum + seconds, 0),
    forks: new Set(slices.map(({ fork }) => fork)).size,
    blocks: blocksIn(slices),
    requests: slices.reduce((sum, { requests }) => sum + requests, 0),
    unexpected: judged.reduce((sum, { unexpected, failed }) => sum + unexpected + failed, 0),
  };
}

/** Blocks of all forks. Stores numbers only, since a large journal has hundreds of thousands. */
function blocksIn(slices: readonly Slice[]): number {
  const ofFork = new Map<number, Set<number>>();
  for (const { fork, block } of slices) {
    const blocks = ofFork.get(fork) ?? new Set();
    ofFork.set(fork, blocks.add(block));
  }
  return [...ofFork.values()].reduce((sum, blocks) => sum + blocks.size, 0);
}

/**
 * @param onExperiment called before each experiment is analysed @returns the content of `run.json`
 */
export function replay(journal: Journal, onExperiment: (name: string) => void = () => {}): Run {
  const { header, lines, damaged } = journal;
  const slices = ofKind(lines, 'slice');
  const figures: Figure[] = [];
  const experiments: ExperimentSummary[] = [];
  const asked = EXPERIMENTS.filter(({ name }) => header.config.experiments.includes(name));
  for (const experiment of asked) {
    onExperiment(experiment.name);
    const own = slices.filter((slice) => slice.experiment === experiment.name);
    experiments.push(summarise(journal, experiment, own));
    const baseline = namesOfRole(header.arms, 'baseline')[0] ?? '';
    figures.push(
      ...experiment.analyse(own, {
        config: header.config,
        environment: header.environment,
        arms: header.arms,
        baseline,
        earlier: figures,
      }),
    );
  }
  for (const experiment of asked) figures.push(...(experiment.extrapolate?.(figures, header.arms) ?? []));
  const { whole, notes: unboundedNotes } = withoutUnbounded(figures);
  const unsafe = new Set(ofKind(lines, 'gate').flatMap(({ timed, failed }) => (timed ? failed : [])));
  const caveats = shardCaveats(lines);
  const flagged = whole.map((figure): Figure => {
    const own = caveats.flagged(figure);
    return own.arm !== null && unsafe.has(own.arm) ? { ...own, flags: ['gate-failed', ...own.flags] } : own;
  });
  const end = ofKind(lines, 'run-ended').at(-1) ?? null;
  const present = new Set(flagged.flatMap(({ flags }) => flags));
  const calibration = header.environment.calibration?.flag ?? null;
  if (calibration !== null) present.add(calibration);
  for (const flag of header.environment.cpu?.flags ?? []) present.add(flag);
  const { memoryBytes, memoryLimitBytes = null } = header.environment;
  for (const flag of memoryFlags(memoryLimitBytes, memoryBytes)) present.add(flag);
  for (const flag of caveats.flags) present.add(flag);
  const throttled = throttledIn(lines);
  if (throttled !== null) present.add('cpu-throttled');
  return {
    schemaVersion: SCHEMA_VERSION,
    runId: header.runId,
    startedAt: header.startedAt,
    endedAt: end?.at ?? null,
    complete:
      end !== null &&
      !end.interrupted &&
      !caveats.isMissingSome &&
      experiments.every(({ stoppedBy }) => stoppedBy !== null && stoppedBy !== 'failed'),
    interrupted: end?.interrupted ?? true,
    commandLine: header.commandLine,
    config: header.config,
    environment: withThrottling(header.environment, throttled),
    arms: header.arms,
    experiments,
    notes: [
      ...new Set([...ofKind(lines, 'note').map(({ text }) => text), ...unknownNotes(journal), ...unboundedNotes]),
    ],
    flags: FLAG_NAMES.filter((flag) => present.has(flag)),
    damagedLines: damaged.map(({ line, reason }) => ({ line, reason })),
    figures: flagged,
    ...timelinesOf(slices),
    ...(caveats.shards.length === 0 ? {} : { shards: [...caveats.shards] }),
  };
}

/** Throttling of all parts of the run together; null if no quota throttled it. */
function throttledIn(lines: readonly JournalLine[]): Throttled | null {
  const parts = ofKind(lines, 'run-ended').flatMap(({ throttled }) => throttled ?? []);
  if (parts.length === 0) return null;
  const sum = (of: (part: Throttled) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    periods: sum(({ periods }) => periods),
    throttledPeriods: sum(({ throttledPeriods }) => throttledPeriods),
    seconds: sum(({ seconds }) => seconds),
  };
}

function withThrottling(environment: Environment, throttled: Throttled | null): Environment {
  const { cpu } = environment;
  return throttled === null || cpu === undefined ? environment : { ...environment, cpu: { ...cpu, throttled } };
}

/** Leaves out unbounded figures, by name: they must not keep the others from being written. */
export function withoutUnbounded(figures: readonly Figure[]): {
  readonly whole: readonly Figure[];
  readonly notes: string[];
} {
  const isWhole = ({ value, low, high }: Figure) => [value, low, high].every(Number.isFinite);
  const names = figures
    .filter((figure) => !isWhole(figure))
    .map(({ experiment, arm, metric }) => [experiment, arm, metric].filter((part) => part !== null).join(' '));
  const notes =
    names.length === 0 ? [] : [`excluded, because they are not finite numbers: ${[...new Set(names)].join(', ')}`];
  return { whole: figures.filter(isWhole), notes };
}

function unknownNotes({ unknownMeasures }: Journal): string[] {
  if (unknownMeasures.length === 0) return [];
  return [`the journal contains measures unknown to this version, which are ignored: ${unknownMeasures.join(', ')}`];
}

/** The first timeline of each cell: a chart shows one outage, not a mean of several. */
function timelinesOf(slices: readonly Slice[]): Pick<Run, 'timelines'> {
  const found = new Map<string, NonNullable<Run['timelines']>[number]>();
  for (const { experiment, arm, factors, timeline } of slices) {
    const cell = JSON.stringify([experiment, arm, factors]);
    if (timeline !== undefined && !found.has(cell)) found.set(cell, { experiment, arm, factors, timeline });
  }
  return found.size === 0 ? {} : { timelines: [...found.values()] };
}
