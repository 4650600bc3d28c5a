/**
 * The limits on what a run may ask for. They apply to flags, and to the journal of a run that is to be resumed: that
 * file may be damaged, or come from anyone. Pure.
 */
import type { Journal } from '../../core/results/journal.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { Slice } from '../../core/results/schema.ts';
import { parseObjective } from '../../core/thresholds/objective.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { EXPERIMENTS } from '../experiments/registry.ts';
import { armsOf } from './budget.ts';

export const MOST = {
  replicas: 64,
  sessions: 10_000_000,
  /** About a millisecond per request. */
  plantedIterations: 1_000_000,
  budgetSeconds: 86_400,
  seed: 2 ** 31 - 1,
  /** Distinct values in one list. */
  values: 64,
  forks: 100_000,
  blocks: 10_000_000,
} as const;

/** Limits of argon2id: a run uses a few KiB, and four times what OWASP advises is still little. */
const MOST_ARGON2 = { memoryKiB: 65_536, passes: 10 } as const;

/** Becomes part of the names of keys, and of patterns that find them. */
const RUN_ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** @returns all reasons why a run cannot be resumed; none if it can */
export function resumeFaults({ header, lines }: Journal, arms: readonly ArmInfo[]): string[] {
  return [
    ...(lines[0] === header ? [] : ['its first line is not the header of a run']),
    ...(lines.some(({ kind }) => kind === 'shard') ? ['it is merged: continue the interrupted shard'] : []),
    ...shardFaults(header.config),
    ...(RUN_ID.test(header.runId) ? [] : ['the run id may only contain letters, digits, - . and _']),
    ...configFaults(header.config),
    ...armFaults(header, arms),
    ...[...new Set(lines.flatMap((line) => ('experiment' in line ? [line.experiment] : [])))]
      .filter((name) => !header.config.experiments.includes(name))
      .map((name) => `it contains measurements of ${JSON.stringify(name)}, which was not selected`),
    ...positionFaults(
      lines.filter((line) => line.kind === 'slice'),
      header.arms.map(({ name }) => name),
    ),
    ...lines.flatMap((line) => (line.kind === 'fork' ? above('fork', [line.fork], MOST.forks) : [])).slice(0, 1),
  ];
}

/** A fault if the largest value of a list is too large, or the list too long. */
function above(what: string, values: readonly number[] | null | undefined, most: number): string[] {
  const largest = (values ?? []).reduce((max, value) => Math.max(max, value), 0);
  return [
    ...(largest > most ? [`${what} ${largest} is above ${most}`] : []),
    ...((values ?? []).length > MOST.values ? [`${what} has more than ${MOST.values} values`] : []),
  ];
}

function configFaults(config: RunConfig): string[] {
  const { experiments, replicas, storeSizes, plantedIterations = 1, budgetSeconds, seed, argon2 } = config;
  const known = EXPERIMENTS.map(({ name }) => name);
  return [
    ...(experiments.length === 0 ? ['it selects no experiment'] : []),
    ...(new Set(experiments).size === experiments.length ? [] : ['it selects an experiment twice']),
    ...experiments
      .filter((name) => !known.includes(name))
      .map((name) => `there is no experiment ${JSON.stringify(name)}`),
    ...above('replicas', replicas, MOST.replicas),
    ...above('storeSizes', storeSizes, MOST.sessions),
    ...above('plantedIterations', [plantedIterations], MOST.plantedIterations),
    ...above('budgetSeconds', budgetSeconds === null ? null : [budgetSeconds], MOST.budgetSeconds),
    ...above('seed', [seed], MOST.seed),
    ...above('argon2.memoryKiB', [argon2.memoryKiB], MOST_ARGON2.memoryKiB),
    ...above('argon2.passes', [argon2.passes], MOST_ARGON2.passes),
    ...sloFaults(config.slo),
    ...(argon2.memoryKiB < 8 || argon2.passes < 1 ? ['argon2 is below the minimum of its algorithm'] : []),
  ];
}

function shardFaults({ shard }: RunConfig): string[] {
  if (shard === undefined || shard.index <= shard.count) return [];
  return [`there is no shard ${shard.index} of ${shard.count}`];
}

function sloFaults(slo: string | undefined): readonly string[] {
  if (slo === undefined) return [];
  const parsed = parseObjective(slo);
  return 'latency' in parsed ? [] : parsed.map((fault) => `slo: ${fault}`);
}

/** If the second half measured other arms, it would answer another question than the first. */
function armFaults({ config, arms: recorded }: Journal['header'], arms: readonly ArmInfo[]): string[] {
  const known = arms.map(({ name }) => name);
  const unknown = (config.arms ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) return unknown.map((name) => `there is no arm ${JSON.stringify(name)}`);
  const wanted = EXPERIMENTS.filter(({ name }) => config.experiments.includes(name)).flatMap((experiment) =>
    armsOf(experiment, { arms, config }).map(({ name }) => name),
  );
  const before = recorded.map(({ name }) => name);
  const missing = [...new Set(wanted)].filter((name) => !before.includes(name));
  if (missing.length === 0) return [];
  return [
    `it was started without ${missing.join(', ')}, which this version would measure: use the version that started it`,
  ];
}

function positionFaults(slices: readonly Slice[], arms: readonly string[]): string[] {
  const faults = new Set<string>();
  const add = (found: readonly string[]) => {
    for (const fault of found) faults.add(fault);
  };
  for (const { arm, fork, block, factors } of slices) {
    if (fork > MOST.forks) add(above('fork', [fork], MOST.forks));
    if (block > MOST.blocks) add(above('block', [block], MOST.blocks));
    if (arm !== null && !arms.includes(arm))
      faults.add(`it contains measurements of the arm ${JSON.stringify(arm)}, which it did not start with`);
    if (typeof factors.replicas === 'number') add(above('replicas', [factors.replicas], MOST.replicas));
    if (faults.size >= MOST_FAULTS) break;
  }
  return [...faults];
}

/** A hostile journal could have one for each line. */
const MOST_FAULTS = 10;
