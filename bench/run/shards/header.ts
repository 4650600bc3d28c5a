/** The first line of a merged journal, and its description of each shard. Pure. */
import { machineClassOf } from '../../../core/results/history/machine-class.ts';
import type { Environment } from '../../../core/results/recorded/environment.ts';
import type { MergedShard } from '../../../core/results/recorded/shards.ts';
import type { Header } from '../../../core/results/schema.ts';
import type { NamedShard } from './refusals.ts';
import { isComplete } from './survey.ts';

/** @param shards at least one, in their order */
export function mergedHeader(shards: readonly NamedShard[], commandLine: string): Header {
  const [first] = shards;
  if (first === undefined) throw new RangeError('There is no shard to merge.');
  const { config, arms } = first.header;
  const { shard: _shard, ...plan } = config;
  return {
    ...first.header,
    runId: `${first.header.runId.replace(/-shard-\d+-of-\d+$/, '')}-merged`.slice(-64),
    startedAt: shards.map(({ header }) => header.startedAt).toSorted()[0] ?? first.header.startedAt,
    commandLine,
    config: plan,
    environment: commonEnvironment(shards.map(({ header }) => header.environment)),
    arms,
  };
}

/**
 * The common environment. Versions are the same in all shards. If machines differ, all processors are listed, and
 * everything else is the minimum: a bound in the analysis then holds for every shard.
 */
function commonEnvironment(all: readonly Environment[]): Environment {
  const [first] = all as [Environment];
  const least = (of: (one: Environment) => number) => Math.min(...all.map(of));
  const distinct = (of: (one: Environment) => string) => [...new Set(all.map(of))].join(' / ');
  const limits = all.flatMap(({ memoryLimitBytes }) => memoryLimitBytes ?? []);
  const flags = [...new Set(all.flatMap(({ cpu }) => cpu?.flags ?? []))];
  const weakest = all.find(({ calibration }) => (calibration?.flag ?? null) !== null)?.calibration ?? first.calibration;
  return {
    ...first,
    cpuModel: distinct(({ cpuModel }) => cpuModel),
    platform: distinct(({ platform }) => platform),
    kernel: distinct(({ kernel }) => kernel),
    cpuShares: distinct(({ cpuShares }) => cpuShares),
    cores: least(({ cores }) => cores),
    memoryBytes: least(({ memoryBytes }) => memoryBytes),
    ...(first.memoryLimitBytes === undefined
      ? {}
      : { memoryLimitBytes: limits.length > 0 ? Math.min(...limits) : null }),
    gitDirty: all.some(({ gitDirty }) => gitDirty === true) ? true : first.gitDirty,
    ...(first.cpu === undefined ? {} : { cpu: { ...first.cpu, flags } }),
    ...(weakest === undefined ? {} : { calibration: weakest }),
  };
}

/** @param damagedLines number of unreadable lines in its journal */
export function describeShard(named: NamedShard, damagedLines: number): MergedShard {
  const { header, shard, began, ends } = named;
  const { cpuModel, cores, memoryBytes, memoryLimitBytes, platform, kernel, cpuShares, cpu, calibration } =
    header.environment;
  return {
    kind: 'shard',
    index: shard.index,
    count: shard.count,
    runId: header.runId,
    commandLine: header.commandLine,
    startedAt: header.startedAt,
    beganAt: began?.at ?? null,
    endedAt: ends.at(-1)?.at ?? null,
    startAt: shard.startAt,
    lateMs: began?.lateMs ?? null,
    clock: began?.clock ?? null,
    complete: isComplete(named),
    damagedLines,
    machine: {
      cpuModel,
      cores,
      memoryBytes,
      platform,
      kernel,
      cpuShares,
      ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
      ...(cpu === undefined ? {} : { cpu }),
      ...(calibration === undefined ? {} : { calibration }),
    },
    machineClass: machineClassOf(header.environment),
  };
}
