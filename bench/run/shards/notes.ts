/** Sentences about merging, for readers of the report. Pure. */
import { machineClassOf } from '../../../core/results/history/machine-class.ts';
import { latenessOf, listed, type NamedShard, type Refusals, shardName } from './refusals.ts';
import { isComplete } from './survey.ts';

/** The effect of an incomplete plan on the figures; empty if it is complete. */
export function gapNotes({ kept, late, absent, gaps }: Refusals): string[] {
  if (gaps.length === 0) return [];
  const [first] = kept;
  const count = first?.shard.count ?? 0;
  const halves = kept.filter((one) => !isComplete(one));
  return [
    `${kept.length} of ${count} shards are merged.`,
    ...(absent.length === 0 ? [] : [`Missing: ${listed(absent)}.`]),
    ...late.map(({ shard }) => `Excluded, because it started late: ${shardName(shard)}.`),
    ...(halves.length === 0 ? [] : [`Not finished: ${listed(halves.map(({ shard }) => shard.index))}.`]),
    'Figures rest on fewer fresh starts, so intervals are wider. If machines differ, times and rates are means over the machines present.',
  ];
}

/** @param compared the number of figures that at least two shards have */
export function agreementNotes(shards: readonly NamedShard[], compared: number, different: number): string[] {
  const classes = [...Map.groupBy(shards, ({ header }) => machineClassOf(header.environment))];
  const machines = classes.map(([name, own]) => `${listed(own.map(({ shard }) => shard.index))}: ${name}`);
  const resumed = shards.filter(({ isResumed }) => isResumed).map(({ shard }) => shard.index);
  const dirty = shards.filter(({ header }) => header.environment.gitDirty === true);
  return [
    classes.length === 1
      ? `Merged of ${shards.length} shards, on machines of one class: ${classes[0]?.[0]}.`
      : `Merged of ${shards.length} shards, on machines of ${classes.length} classes (${machines.join('; ')}). Ratios compare arms within each machine; times and rates are means over machines, and are flagged.`,
    `Of ${compared} figures in several shards, ${different} differ by more than chance explains (5 % over all of them).`,
    clockNote(shards),
    ...(resumed.length === 0
      ? []
      : [`Resumed after an interruption, so not entirely at the same time as the others: ${listed(resumed)}.`]),
    ...(dirty.length === 0
      ? []
      : [
          `Measured with uncommitted changes, so the code may differ: ${listed(dirty.map(({ shard }) => shard.index))}.`,
        ]),
  ];
}

function clockNote(shards: readonly NamedShard[]): string {
  const offsets = shards.flatMap(({ began }) => began?.clock ?? []);
  const late = shards.flatMap(({ began }) => (began === null ? [] : (latenessOf(began) ?? [])));
  const by = offsets.length === shards.length ? 'by a common clock' : 'by their own clocks';
  const starts =
    late.length === 0
      ? 'The shards started independently'
      : `The load of the shards began ${ms(Math.min(...late))} to ${ms(Math.max(...late))} ms after --start-at, ${by}`;
  if (offsets.length === 0) return `${starts}; the offsets of their clocks were not measured.`;
  const all = offsets.map(({ offsetMs }) => offsetMs);
  const unsure = Math.max(...offsets.map(({ uncertaintyMs }) => uncertaintyMs));
  const whose = offsets.length === shards.length ? 'their clocks' : `the clocks of ${offsets.length} of them`;
  return `${starts}; ${whose} were up to ${ms(Math.max(...all) - Math.min(...all))} ms apart, each known to ± ${ms(unsure)} ms.`;
}

const ms = (value: number) => (Math.abs(value) < 10 ? value.toFixed(1) : String(Math.round(value)));
