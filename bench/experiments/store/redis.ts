/** Redis operations of `store`: read the keys of a login, copy them, look them up, let them all expire at once. */
import { performance } from 'node:perf_hooks';
import type { Redis } from 'ioredis';
import { Compile } from 'typebox/schema';
import { runError } from '../../../core/errors.ts';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Random } from '../../../core/stats/random.ts';
import { withCpuOf } from '../../load/settled-cpu.ts';
import type { CpuSpent } from '../../processes/cpu.ts';
import { EntryTemplate, EXPIRE_SCRIPT, FILL_SCRIPT, filledIn, type StoreTemplate } from './template.ts';

const entryTemplate = Compile(EntryTemplate);

/** Copies in one call of a script: about ten milliseconds, during which nothing else is served. */
const COPIES_PER_CALL = 2_000;

/** Every key with this prefix, in no order. */
export async function keysBelow(client: Redis, prefix: string): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const batch of client.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    for (const key of batch as string[]) keys.add(key);
  }
  return keys;
}

/** @throws TollgateError for an unknown type of key, or one without an expiry */
export async function readEntry(client: Redis, key: string): Promise<EntryTemplate> {
  const type = await client.type(key);
  const ttlMs = await client.pttl(key);
  const parts = await readParts(client, key, type);
  const entry: unknown = { type, key, parts, ttlMs };
  if (entryTemplate.Check(entry)) return entry;
  throw runError(
    `a login created a key of type ${type} with a TTL of ${ttlMs} ms, which cannot be copied`,
    'add support for it in bench/experiments/store/template.ts',
  );
}

async function readParts(client: Redis, key: string, type: string): Promise<string[]> {
  if (type === 'string') return [(await client.get(key)) ?? ''];
  if (type === 'hash') return Object.entries(await client.hgetall(key)).flat();
  if (type === 'zset') return client.zrange(key, 0, '-1', 'WITHSCORES');
  return [];
}

/** Bytes of these keys by Redis's own estimate, with all elements sampled. */
export async function memoryUsage(client: Redis, keys: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const key of keys) bytes += Number((await client.memory('USAGE', key, 'SAMPLES', 0)) ?? 0);
  return bytes;
}

export interface Memory {
  readonly usedBytes: number;
  readonly rssBytes: number;
}

const numberIn = (info: string, name: string) =>
  Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? Number.NaN);

export async function readMemory(client: Redis): Promise<Memory> {
  const info = await client.info('memory');
  return { usedBytes: numberIn(info, 'used_memory'), rssBytes: numberIn(info, 'used_memory_rss') };
}

/** @returns a number from `INFO`; NaN if it is missing */
export async function readInfo(client: Redis, name: 'used_memory' | 'evicted_keys'): Promise<number> {
  return numberIn(await client.info('default'), name);
}

/** Copies of a template, numbered from 0. */
export interface Copies {
  readonly client: Redis;
  readonly template: StoreTemplate;
  readonly first: number;
  /** The number after the last one. */
  readonly end: number;
  readonly signal: AbortSignal;
}

/** Runs a script over copies, in calls short enough to be interrupted in between. */
async function overCopies(script: string, copies: Copies, ...more: (string | number)[]): Promise<void> {
  const { client, template, signal } = copies;
  const { entries, idLengths } = template;
  const sent = [JSON.stringify(entries), JSON.stringify(idLengths)];
  for (let first = copies.first; first < copies.end; first += COPIES_PER_CALL) {
    signal.throwIfAborted();
    const count = Math.min(COPIES_PER_CALL, copies.end - first);
    await client.eval(script, 0, ...sent, first, count, ...more);
  }
}

export function fill(copies: Copies): Promise<void> {
  return overCopies(FILL_SCRIPT, copies);
}

export function expireAt(copies: Copies, atMs: number): Promise<void> {
  return overCopies(EXPIRE_SCRIPT, copies, atMs);
}

/** @returns how many keys of these copies exist */
export async function existing({ client, template, first, end, signal }: Copies): Promise<number> {
  let found = 0;
  for (let from = first; from < end; from += COPIES_PER_CALL) {
    signal.throwIfAborted();
    const numbers = Array.from({ length: Math.min(COPIES_PER_CALL, end - from) }, (_, i) => from + i);
    const keys = numbers.flatMap((n) => template.entries.map(({ key }) => filledIn(template, key, n)));
    found += await client.exists(...keys);
  }
  return found;
}

/** One lookup, as a request makes it. */
export type Lookup = readonly [command: string, ...args: string[]];

/**
 * A session is read and extended; two fields of a token family are read; a denylist is checked for a token that is
 * nearly always absent. @param copies that are stored; the lookup is for any of them or, for a denylist, one beyond
 */
export function lookupOf(template: StoreTemplate, isDenylist: boolean, copies: number, random: Random): Lookup {
  const [entry] = template.entries;
  if (entry === undefined) throw new Error('a template has no entry');
  const n = random.integer(copies) + (isDenylist ? copies : 0);
  const key = filledIn(template, entry.key, n);
  if (isDenylist) return ['exists', key];
  if (entry.type === 'hash') return ['hmget', key, entry.parts[0] ?? '', entry.parts[2] ?? ''];
  return ['getex', key, 'PX', String(entry.ttlMs)];
}

const BATCH = 100;

/** @returns CPU time of Redis for batches of lookups, null if it cannot be read, and their number */
export async function batchedCpu(
  client: Redis,
  pid: number | null,
  next: () => Lookup,
  commands: number,
): Promise<{ readonly cpu: CpuSpent | null; readonly commands: number }> {
  const batches = Array.from({ length: Math.ceil(commands / BATCH) }, () => Array.from({ length: BATCH }, next));
  const { cpu } = await withCpuOf(pid, async () => {
    for (const batch of batches) await client.pipeline(batch.map((lookup) => [...lookup])).exec();
  });
  return { cpu, commands: batches.length * BATCH };
}

/** One after another. */
export async function lookupTimes(client: Redis, next: () => Lookup, count: number): Promise<LatencyHistogram> {
  const histogram = LatencyHistogram.empty();
  for (let i = 0; i < count; i++) {
    const [command, ...args] = next();
    const start = performance.now();
    await client.call(command, ...args);
    histogram.record((performance.now() - start) * 1000);
  }
  return histogram;
}

/**
 * Looks up about every millisecond until `goesOn` is false, whether or not the last reply has arrived, so a slow one
 * also delays those behind it. @throws the error of a lookup or of `goesOn`
 */
export async function pacedLookups(
  client: Redis,
  lookup: Lookup,
  goesOn: () => Promise<boolean>,
): Promise<LatencyHistogram> {
  const histogram = LatencyHistogram.empty();
  const [command, ...args] = lookup;
  const pending = new Set<Promise<void>>();
  let over = false;
  let failure: unknown = null;
  const watched = (async () => {
    try {
      while (await goesOn()) await new Promise((resolve) => setTimeout(resolve, 10));
    } catch (error) {
      failure ??= error;
    } finally {
      over = true;
    }
  })();
  while (!over) {
    const sentMs = performance.now();
    const one = client.call(command, ...args).then(() => histogram.record((performance.now() - sentMs) * 1000));
    pending.add(one);
    one.then(
      () => pending.delete(one),
      (error: unknown) => {
        failure ??= error;
        over = true;
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.allSettled([watched, ...pending]);
  if (failure !== null) throw failure;
  return histogram;
}
