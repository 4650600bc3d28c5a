import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LatencyHistogram, mergeHistograms } from '../../../core/results/histogram.ts';
import { readJournal, readJournalFile } from '../../../core/results/journal.ts';
import { copyOf } from '../../../core/results/recorded/packed-slices.ts';
import type { ShardsDiffer } from '../../../core/results/recorded/shards.ts';
import type { JournalLine, Slice } from '../../../core/results/schema.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { shardEnd, shardLines, type TestShard } from '../../testing/shards.ts';
import { testHeader, testSlice } from '../../testing/slices.ts';
import { collectHistograms } from '../histogram-files.ts';
import { replay } from '../replay.ts';
import { resumeFaults } from '../resumable.ts';
import { type JournalOfShard, mergedFork, mergeJournals } from './merge.ts';
import { surveyJournal } from './survey.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-shards-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const text = (lines: readonly JournalLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** Writes the journal of a shard, and reads it as a merge does. */
function written(test: TestShard, measured: readonly JournalLine[], tail = ''): JournalOfShard {
  const journal = join(root, `${test.index}.jsonl`);
  writeFileSync(journal, text(shardLines(test, measured)) + tail);
  const surveyed = surveyJournal(journal);
  if (surveyed.shard === null) throw new Error('no shard');
  return { folder: `s${test.index}`, journal, ...surveyed, shard: surveyed.shard };
}

async function merged(shards: readonly JournalOfShard[], differences: readonly ShardsDiffer[] = []) {
  const journalPath = join(root, 'merged.jsonl');
  const agreement = Promise.resolve({ differences, notes: ['a note on merging'] });
  await mergeJournals({ shards, journalPath, commandLine: 'npm run merge', agreement });
  return readJournalFile(journalPath);
}

const random = createRandom(3);
/** Slices of a few fresh starts, with costs that vary realistically. */
function measured(forks: number): Slice[] {
  return Array.from({ length: forks }, (_, fork) =>
    Array.from({ length: 4 }, (_, block) =>
      ['none', 'jwt-hs256'].map((arm, order) =>
        testSlice({
          experiment: 'toll',
          arm,
          fork,
          block,
          order,
          factors: { in_flight: 10 },
          measures: { replica_cpu_ns: 1e6 * (2 + 3 * order) * (1 + 0.1 * random.random()), request_bytes: 4000 },
        }),
      ),
    ),
  ).flat(2);
}

const shardsOf = (count: number, more: (index: number) => Partial<TestShard> = () => ({})) =>
  Array.from({ length: count }, (_, i) => written({ index: i + 1, count, ...more(i + 1) }, measured(i + 1)));

/** One run with the same slices, under the numbers that merging assigns. */
function asOneRun(shards: readonly JournalOfShard[]) {
  const slices = shards.flatMap(({ journal, shard }) =>
    readJournalFile(journal).lines.flatMap((line) =>
      line.kind === 'slice' ? [{ ...copyOf(line), fork: mergedFork(line.fork, shard) }] : [],
    ),
  );
  const header = { ...testHeader, config: { ...testHeader.config, experiments: ['toll'] } };
  return readJournal(text([header, ...slices, ...shardEnd({})]));
}

describe('merged journals', () => {
  it.each([1, 2, 5])('give the figures of one journal with the slices of %i shards', async (count) => {
    const shards = shardsOf(count);
    const run = replay(await merged(shards));
    const one = replay(asOneRun(shards));
    expect(run.figures.length).toBeGreaterThan(5);
    expect(run.figures).toEqual(one.figures);
    expect(run.experiments).toEqual([{ ...one.experiments[0], forks: (count * (count + 1)) / 2, seconds: 5 * count }]);
    expect(run).toMatchObject({ complete: true, interrupted: false, runId: '2026-01-01T00-00-00Z-merged' });
    expect(run.config).not.toHaveProperty('shard');
    expect(run.shards?.map(({ index, complete }) => [index, complete])).toEqual(
      shards.map(({ shard }) => [shard.index, true]),
    );
  });

  it('give fresh starts of different shards different numbers', async () => {
    const count = 7;
    const numbers = Array.from({ length: count }, (_, i) =>
      Array.from({ length: 50 }, (_, fork) => mergedFork(fork, { index: i + 1, count, startAt: null, version: '1' })),
    ).flat();
    expect(new Set(numbers).size).toBe(350);
    expect(Math.max(...numbers)).toBe(349);
  });

  it('are returned as a reader of the file finds them', async () => {
    const shards = shardsOf(2);
    const journalPath = join(root, 'merged.jsonl');
    const agreement = Promise.resolve({ differences: [], notes: ['a note'] });
    const journal = await mergeJournals({ shards, journalPath, commandLine: 'npm run merge', agreement });
    const read = readJournalFile(journalPath);
    expect(JSON.stringify(journal)).toBe(JSON.stringify(read));
    expect(replay(journal)).toEqual(replay(read));
  });

  it('do not depend on the order in which shards are copied', async () => {
    const shards = shardsOf(3);
    expect(replay(await merged(shards.toReversed())).figures).toEqual(replay(await merged(shards)).figures);
  });

  it('are written completely or not at all', async () => {
    const [one, two] = shardsOf(2) as [JournalOfShard, JournalOfShard];
    rmSync(two.journal);
    await expect(merged([one, two])).rejects.toThrow(/ENOENT/);
    expect(readdirSync(root)).toEqual(['1.jsonl']);
  });

  it('leave out damaged lines, and count them by shard', async () => {
    const cut = `${JSON.stringify(measured(1)[0])}`.slice(0, 40);
    const far = text([testSlice({ experiment: 'toll', arm: 'none', fork: 1e9 })]);
    const [one, two] = [measured(1), measured(1)];
    const whole = [written({ index: 1, count: 2 }, one), written({ index: 2, count: 2 }, two)];
    const figures = replay(await merged(whole)).figures;
    const run = replay(await merged([whole[0] as JournalOfShard, written({ index: 2, count: 2 }, two, far + cut)]));
    expect(run.shards?.map(({ damagedLines }) => damagedLines)).toEqual([0, 2]);
    expect(run.damagedLines).toEqual([]);
    expect(run.notes).toContain('2 damaged lines were left out, of shard 2.');
    expect(run.figures).toEqual(figures);
  });

  it('list for each note the shards that have it', async () => {
    const note = (words: string): JournalLine => ({ kind: 'note', text: words });
    const shards = [
      written({ index: 1, count: 3 }, [note('of all'), note('of two')]),
      written({ index: 2, count: 3 }, [note('of all'), note('of two')]),
      written({ index: 3, count: 3 }, [note('of all'), note('of one')]),
    ];
    expect(replay(await merged(shards)).notes).toEqual([
      'of all',
      'Shards 1, 2: of two',
      'Shard 3: of one',
      'a note on merging',
    ]);
  });

  it('end as badly as the worst shard', async () => {
    const shards = shardsOf(3, (index) => (index === 2 ? { stoppedBy: 'failed' } : {}));
    const run = replay(await merged(shards));
    expect(run.experiments).toMatchObject([{ stoppedBy: 'failed', error: 'shard 2: a replica died' }]);
    expect(run.complete).toBe(false);
    expect(run.flags).toContain('shards-missing');
    const brokenOff = shardsOf(2, (index) => (index === 2 ? { stoppedBy: 'interrupted', interrupted: true } : {}));
    expect(replay(await merged(brokenOff))).toMatchObject({ complete: false, interrupted: true });
  });

  it('cannot be resumed', async () => {
    expect(resumeFaults(await merged(shardsOf(2)), [])).toContain('it is merged: continue the interrupted shard');
  });
});

describe('the flags of a merged run', () => {
  const flagsOf = async (shards: readonly JournalOfShard[], differences: readonly ShardsDiffer[] = []) => {
    const run = replay(await merged(shards, differences));
    const differing = run.figures.filter(({ flags }) => flags.includes('shards-differ'));
    return {
      run,
      metrics: new Set(differing.map(({ metric }) => metric)),
      units: new Set(differing.map(({ unit }) => unit)),
    };
  };

  it('are none if machines are alike and agree', async () => {
    const { run, metrics } = await flagsOf(shardsOf(2));
    expect([...metrics]).toEqual([]);
    expect(run.flags).not.toContain('shards-missing');
  });

  it('mark times of machines that differ, but neither ratios nor counts', async () => {
    const { run, units } = await flagsOf(shardsOf(2, (index) => ({ environment: { cpuModel: `model ${index}` } })));
    expect([...units]).toEqual(['µs']);
    const ratio = run.figures.find(({ metric }) => metric === 'cpu_ratio_to_baseline');
    expect(ratio?.flags).not.toContain('shards-differ');
    expect(run.environment.cpuModel).toBe('model 1 / model 2');
    expect(run.shards?.map(({ machine }) => machine.cpuModel)).toEqual(['model 1', 'model 2']);
  });

  it('mark only the figure in which shards differ', async () => {
    const difference: ShardsDiffer = {
      kind: 'shards-differ',
      experiment: 'toll',
      arm: 'jwt-hs256',
      factors: { in_flight: 10 },
      metric: 'cpu_ratio_to_baseline',
      shard: 2,
    };
    const { metrics } = await flagsOf(shardsOf(2), [difference]);
    expect([...metrics]).toEqual(['cpu_ratio_to_baseline']);
  });

  it('report missing shards', async () => {
    const { run } = await flagsOf(shardsOf(3).slice(0, 2));
    expect(run.flags).toContain('shards-missing');
    expect(run.complete).toBe(false);
  });
});

describe('histograms of shards', () => {
  const LEVELS = [1, 25, 50, 75, 90, 95, 99, 99.9];

  it('merge to the histogram of all latencies: every quantile to p99.9, however they are split', async () => {
    for (const count of [2, 3, 10]) {
      const whole = LatencyHistogram.empty();
      const parts = Array.from({ length: count }, () => LatencyHistogram.empty());
      for (let i = 0; i < 20_000; i++) {
        const micros = Math.exp(5 + 1.5 * random.normal());
        whole.record(micros);
        // Shards may have different numbers of requests, and different latencies.
        const part = micros > 2000 ? 0 : random.integer(count);
        parts[part]?.record(micros);
      }
      const sum = mergeHistograms(parts.map((part) => part.encode()));
      expect(sum.count).toBe(20_000);
      expect(sum.percentiles(LEVELS)).toEqual(whole.percentiles(LEVELS));
      expect(sum.encode()).toBe(whole.encode());
    }
  });

  it('are the same for a merged run and for one run with the same slices', async () => {
    const withHistogram = (index: number) =>
      measured(2).map((slice): Slice => {
        const histogram = LatencyHistogram.empty();
        for (let i = 0; i < 500; i++) histogram.record(index * 100 * random.exponential());
        return { ...slice, histograms: { corrected: histogram.encode() } };
      });
    const shards = [1, 2, 3].map((index) => written({ index, count: 3 }, withHistogram(index)));
    const [one, other] = [asOneRun(shards), await merged(shards)].map(({ lines }) => collectHistograms(lines));
    expect(other?.size).toBe(2);
    for (const [name, encoded] of other ?? []) {
      expect(mergeHistograms(encoded).encode()).toBe(mergeHistograms(one?.get(name) ?? []).encode());
      expect(mergeHistograms(encoded).count).toBe(3 * 8 * 500);
    }
  });
});

it('a survey refuses a journal of several runs', () => {
  const path = join(root, 'twice.jsonl');
  const lines = shardLines({ index: 1, count: 2 }, measured(2));
  writeFileSync(path, text([...lines, ...lines]));
  expect(() => surveyJournal(path)).toThrow('it contains 2 runs');
});

it('a survey skips slices however they are written, and finds everything else', async () => {
  const path = join(root, 'turned.jsonl');
  const [first, ...rest] = shardLines({ index: 1, count: 2 }, measured(2));
  writeFileSync(
    path,
    text(
      [first as JournalLine, ...rest].map(
        (line) => Object.fromEntries(Object.entries(line).toReversed()) as JournalLine,
      ),
    ),
  );
  const { shard, began, ends, stopped } = surveyJournal(path);
  expect([shard?.index, began?.kind, ends.length, [...stopped.keys()]]).toEqual([1, 'shard-began', 1, ['toll']]);
  expect(readFileSync(path, 'utf8')).toMatch(/"kind":"slice"}$/m);
});
