/** Flags of a run that measures one part of a plan. */
import { MOST_SHARDS, type Shard } from '../../core/results/recorded/shards.ts';
import type { Faults, FlagTable } from '../command.ts';
import { versionHere } from '../version.ts';

export const SHARD = {
  shard: {
    value: 'I/N',
    help: 'Measure shard I of N, such as 2/3: its share of the fresh starts of one plan and seed; npm run merge combines the shards (default: the whole plan).',
  },
  'start-at': {
    value: 'TIME',
    help: 'Start the load of the shard at this time, such as 2026-01-31T12:00:00Z, at most a day from now (default: when it is ready).',
  },
} as const satisfies FlagTable;

const DAY_MS = 86_400_000;

/** A time with a time zone, since shards may be in several. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** @param now in ms since 1970 */
export function readShard(
  values: Readonly<Record<string, string>>,
  faults: Faults,
  now = Date.now(),
): { readonly shard?: Shard } {
  const startAt = values['start-at'] === undefined ? null : readTime(values['start-at'], faults, now);
  if (values.shard === undefined) {
    if (values['start-at'] !== undefined) faults.push('--start-at needs --shard: add --shard I/N, or omit it');
    return {};
  }
  const parts = readParts(values.shard, faults);
  if (values.seed === undefined && values.resume === undefined) {
    faults.push('--shard: all shards of a plan share one seed: add the same --seed N to each');
  }
  return parts === null ? {} : { shard: { ...parts, startAt, version: versionHere() } };
}

function readParts(text: string, faults: Faults): Pick<Shard, 'index' | 'count'> | null {
  const [, i, n] = /^(\d{1,4})\/(\d{1,4})$/.exec(text.trim()) ?? [];
  const [index, count] = [Number(i), Number(n)];
  if (index >= 1 && index <= count && count <= MOST_SHARDS) return { index, count };
  faults.push(
    `--shard: ${JSON.stringify(text.trim())} must be I/N, such as 2/3, with I from 1 to N and N at most ${MOST_SHARDS}`,
  );
  return null;
}

function readTime(text: string, faults: Faults, now: number): string | null {
  const at = TIME.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN;
  if (!Number.isFinite(at)) {
    faults.push(
      `--start-at: ${JSON.stringify(text.trim())} must be a time with a time zone, such as ${new Date(now + 120_000).toISOString().slice(0, 19)}Z`,
    );
    return null;
  }
  if (at <= now) faults.push(`--start-at: ${text.trim()} is in the past; it is now ${new Date(now).toISOString()}`);
  if (at > now + DAY_MS) faults.push(`--start-at: ${text.trim()} is more than a day from now`);
  return new Date(at).toISOString();
}
