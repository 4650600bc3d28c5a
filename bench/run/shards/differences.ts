/**
 * Tests whether shards agree. Each shard's value of a figure is compared with the mean of the others', by their
 * intervals; over all figures the chance of one false finding is 5 % (Bonferroni over the shards of a figure, Holm over
 * the figures). Pure.
 */
import type { ShardsDiffer } from '../../../core/results/recorded/shards.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { normalCdf, normalQuantile } from '../../../core/stats/distributions.ts';
import { holm } from '../../../core/stats/holm.ts';

const ALPHA = 0.05;

interface Seen {
  readonly shard: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

interface Cell extends Omit<ShardsDiffer, 'kind' | 'shard'> {
  /** The numbers of each shard, as in `FIELDS`: objects would take several times the memory. */
  readonly seen: number[];
}

const FIELDS = 5;

const shardsIn = ({ seen }: Cell) => seen.length / FIELDS;

function seenIn({ seen }: Cell): Seen[] {
  return Array.from({ length: seen.length / FIELDS }, (_, i): Seen => {
    const [shard = 0, value = 0, low = 0, high = 0, confidence = 0] = seen.slice(i * FIELDS, (i + 1) * FIELDS);
    return { shard, value, low, high, confidence };
  });
}

export const cellKey = ({ experiment, arm, factors, metric }: Omit<ShardsDiffer, 'kind' | 'shard'>): string =>
  JSON.stringify([experiment, arm, Object.entries(factors).toSorted(([a], [b]) => (a < b ? -1 : 1)), metric]);

/** Takes the figures of one shard after the other, and keeps five numbers of each. */
export class ShardComparison {
  readonly #cells = new Map<string, Cell>();

  add(shard: number, figures: readonly Figure[]): void {
    for (const figure of figures) {
      // Models follow from measured figures, so they would repeat the same finding.
      if (figure.source !== 'measured') continue;
      const { experiment, arm, factors, metric, value, low, high, confidence, blocks } = figure;
      // A single block has no interval, so its variation by chance is unknown.
      if (blocks < 2) continue;
      const cell = { experiment, arm, factors, metric };
      const key = cellKey(cell);
      const known = this.#cells.get(key);
      const numbers = [shard, value, low, high, confidence];
      if (known === undefined) this.#cells.set(key, { ...cell, seen: numbers });
      else known.seen.push(...numbers);
    }
  }

  /** The number of figures that at least two shards have. */
  get compared(): number {
    return this.#shared().length;
  }

  differences(): ShardsDiffer[] {
    const cells = this.#shared();
    const found = cells.map((cell) => furthest(seenIn(cell)));
    const adjusted = holm(found.map(({ p }) => p));
    return cells.flatMap(({ experiment, arm, factors, metric }, i) => {
      const { shard = 0 } = found[i] ?? {};
      const differ = (adjusted[i] ?? 1) < ALPHA;
      return differ ? [{ kind: 'shards-differ' as const, experiment, arm, factors, metric, shard }] : [];
    });
  }

  #shared(): Cell[] {
    return [...this.#cells.values()].filter((cell) => shardsIn(cell) > 1);
  }
}

interface Furthest {
  readonly shard: number;
  /** An upper bound of the probability that any shard is this far from the others by chance. */
  readonly p: number;
}

/** On a log scale if all values are positive, as for the intervals; otherwise on the linear scale. */
function furthest(seen: readonly Seen[]): Furthest {
  const onLogs = seen.every(({ low }) => low > 0);
  const scale = (value: number) => (onLogs ? Math.log(value) : value);
  const points = seen.map(({ shard, value, low, high, confidence }) => ({
    shard,
    value: scale(value),
    variance: ((scale(high) - scale(low)) / 2 / normalQuantile((1 + confidence) / 2)) ** 2,
  }));
  const judged = points.map((point): Furthest => {
    const others = points.filter((other) => other !== point);
    const { value, variance } = weighted(others);
    const distance = Math.abs(point.value - value);
    const deviation = Math.sqrt(point.variance + variance);
    if (distance <= ROUNDING * Math.max(1, Math.abs(value))) return { shard: point.shard, p: 1 };
    const p = deviation > 0 ? 2 * normalCdf(-distance / deviation) : 0;
    return { shard: point.shard, p: Math.min(1, p * points.length) };
  });
  return judged.reduce((a, b) => (b.p < a.p ? b : a));
}

const ROUNDING = 1e-9;

/** The inverse-variance weighted mean; the plain mean if there is no variance. */
function weighted(points: readonly { readonly value: number; readonly variance: number }[]) {
  const exact = points.filter(({ variance }) => variance === 0);
  if (exact.length > 0) {
    return { value: exact.reduce((sum, { value }) => sum + value, 0) / exact.length, variance: 0 };
  }
  const total = points.reduce((sum, { variance }) => sum + 1 / variance, 0);
  return { value: points.reduce((sum, { value, variance }) => sum + value / variance, 0) / total, variance: 1 / total };
}
