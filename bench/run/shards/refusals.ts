/** Why shards cannot be merged: each fault names the shard and the remedy. Pure. */
import type { Shard, ShardBegan } from '../../../core/results/recorded/shards.ts';
import type { Header } from '../../../core/results/schema.ts';
import { isComplete, type Surveyed, unfinishedOf } from './survey.ts';

/** A given folder, and the content of its journal. */
export interface NamedRun extends Surveyed {
  /** The folder as the user typed it. */
  readonly folder: string;
}

export interface NamedShard extends NamedRun {
  readonly shard: Shard;
}

/** A shard that begins more than this after its time has not met the same load as the others. */
export const LATE_SECONDS = 10;

export const shardName = ({ index, count }: Pick<Shard, 'index' | 'count'>) => `shard ${index}/${count}`;

/** What is wrong with the set of shards. */
export interface Refusals {
  /** Faults that prevent a merge in any case. */
  readonly faults: readonly string[];
  /** Faults that `--allow-missing` permits. */
  readonly gaps: readonly string[];
  /** The shards that remain if they are permitted, in order. */
  readonly kept: readonly NamedShard[];
  /** Shards that began late, and are left out if that is permitted. */
  readonly late: readonly NamedShard[];
  /** Shards of the plan without any results. */
  readonly absent: readonly number[];
}

/** @param runs in the order given; at least one */
export function judgeShards(runs: readonly NamedRun[]): Refusals {
  const faults = runs.flatMap(({ folder, shard, isMerged }) => {
    if (isMerged) return [`${folder} is already merged: give the shards that it was made from`];
    return shard === null ? [`${folder} is a whole run, not a shard: measure shards with bench --shard i/n`] : [];
  });
  const shards = runs.filter((run): run is NamedShard => run.shard !== null && !run.isMerged);
  const foreign = foreignShards(shards);
  const native = shards.filter((one) => !foreign.has(one));
  faults.push(...foreignFaults(foreign), ...doubledFaults(native));
  const late = native.filter((one) => lateSeconds(one) > LATE_SECONDS);
  const present = native.filter((one) => !late.includes(one)).toSorted((a, b) => a.shard.index - b.shard.index);
  const absent = absentIn(native);
  const gaps = [
    ...missingFault(native, absent),
    ...present.filter((one) => !isComplete(one)).map(unfinishedFault),
    ...late.map((one) => {
      const seconds = Math.round(lateSeconds(one));
      return `${one.folder} (${shardName(one.shard)}) began its load ${seconds} s after --start-at: measure it again with the others, at a later time`;
    }),
  ];
  return { faults, gaps, kept: present, late, absent };
}

/** Lateness in ms after --start-at, by the common clock if all shards asked one; null if no time was given. */
export function latenessOf({ lateMs, clock }: Pick<ShardBegan, 'lateMs' | 'clock'>): number | null {
  return lateMs === null ? null : lateMs - (clock?.offsetMs ?? 0);
}

function lateSeconds({ began }: NamedShard): number {
  return began === null ? 0 : (latenessOf(began) ?? 0) / 1000;
}

function unfinishedFault({ folder, shard, ...surveyed }: NamedShard): string {
  const failed = surveyed.header.config.experiments.filter(
    (name) => surveyed.stopped.get(name)?.stoppedBy === 'failed',
  );
  const left = unfinishedOf(surveyed);
  const what =
    failed.length > 0 ? `failed in ${failed.join(', ')}` : `was interrupted in ${left.join(', ') || 'its end'}`;
  return `${folder} (${shardName(shard)}) ${what}: continue it there with npm run bench -- --resume DIR`;
}

/** The hint is the command line of an existing shard with another number. */
function missingFault(shards: readonly NamedShard[], absent: readonly number[]): string[] {
  const [one] = shards;
  if (one === undefined || absent.length === 0) return [];
  const { count } = one.shard;
  const [which, are] = absent.length === 1 ? ['shard', 'is'] : ['shards', 'are'];
  return [
    `${which} ${listed(absent)} of ${count} ${are} missing: measure with --shard ${absent[0]}/${count} --seed ${one.header.config.seed} and the other flags of ${one.folder}`,
  ];
}

const MOST_SHOWN = 12;

/** `1, 2, 5`, or the first of them and the number of the rest if there are many. */
export function listed(indices: readonly number[]): string {
  const shown = indices.slice(0, MOST_SHOWN).join(', ');
  return indices.length > MOST_SHOWN ? `${shown} and ${indices.length - MOST_SHOWN} more` : shown;
}

function absentIn(shards: readonly NamedShard[]): number[] {
  const count = shards[0]?.shard.count ?? 0;
  const found = new Set(shards.map(({ shard }) => shard.index));
  return Array.from({ length: count }, (_, i) => i + 1).filter((index) => !found.has(index));
}

function doubledFaults(shards: readonly NamedShard[]): string[] {
  return [...Map.groupBy(shards, ({ shard }) => shard.index).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length === 1) return [];
    return [
      `${shardName(first.shard)} was given ${same.length} times: keep only one of ${same.map(({ folder }) => folder).join(', ')}`,
    ];
  });
}

/** The values that must be the same in all shards, and what to call each in a fault. */
const SAME: readonly (readonly [what: string, of: (shard: NamedShard) => unknown])[] = [
  ['number of shards', ({ shard }) => shard.count],
  ['--start-at', ({ shard }) => shard.startAt],
  ['version of Tollgate', ({ shard }) => shard.version],
  ['commit', ({ header }) => header.environment.gitCommit],
  ['Node.js', ({ header }) => header.environment.node],
  ['Redis', ({ header }) => header.environment.redis],
  ['versions of packages', ({ header }) => sorted(header.environment.packages)],
  ['seed', ({ header }) => header.config.seed],
  ['profile', ({ header }) => header.config.profile],
  ['budget', ({ header }) => header.config.budgetSeconds],
  ['experiments', ({ header }) => header.config.experiments],
  ['arms', ({ header }) => header.arms.map(({ name }) => name)],
  ['plan', planOf],
  ['declarations of arms', ({ header }) => header.arms],
];

function sorted(record: Readonly<Record<string, string>>): unknown {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The settings of the plan that are not listed above. */
function planOf({ header }: { readonly header: Header }): unknown {
  const {
    shard: _shard,
    seed: _seed,
    profile: _profile,
    budgetSeconds: _budget,
    experiments: _names,
    ...rest
  } = header.config;
  return Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Shards that differ from the majority, each with the first difference. */
function foreignShards(shards: readonly NamedShard[]): ReadonlyMap<NamedShard, string> {
  const foreign = new Map<NamedShard, string>();
  for (const [what, of] of SAME) {
    const native = shards.filter((one) => !foreign.has(one));
    const groups = [...Map.groupBy(native, (one) => JSON.stringify(of(one))).values()];
    const [most] = groups.toSorted((a, b) => b.length - a.length);
    for (const one of native) {
      if (most?.includes(one) === false) foreign.set(one, difference(what, of(one), of(most[0] as NamedShard)));
    }
  }
  return foreign;
}

function foreignFaults(foreign: ReadonlyMap<NamedShard, string>): string[] {
  return [...foreign].map(([{ folder, shard }, why]) => `${folder} (${shardName(shard)}) is of another run: ${why}`);
}

const PLURAL = /^(?:experiments|arms|versions|declarations)\b/;

/** Both values, if they are short. */
function difference(what: string, own: unknown, others: unknown): string {
  const isShort = [own, others].every((value) => value === null || typeof value !== 'object');
  const lists = [own, others].every((value) => Array.isArray(value) && value.every((one) => typeof one === 'string'));
  const shown = (value: unknown) => (Array.isArray(value) ? value.join(',') || 'none' : String(value ?? 'none'));
  const hint = 'omit it, or repeat it with the settings of the others';
  const [are, those] = PLURAL.test(what) ? ['are', 'those'] : ['is', 'that'];
  return isShort || lists
    ? `its ${what} ${are} ${shown(own)}, ${those} of the others ${shown(others)}; ${hint}`
    : `its ${what} ${are} not ${those} of the others; ${hint}`;
}
