/** The search for the commit that changed something, when each probe may be wrong. Pure but for its probe. */

export interface Probe {
  /** `skip` if the commit cannot be built or started. */
  readonly side: 'good' | 'bad' | 'skip';
  /** The probability that the side is right. */
  readonly probability: number;
}

export interface Found {
  /** The commits among which the first bad one is, oldest first: one, unless some could not be probed. */
  readonly candidates: readonly string[];
  /** The probability that every step was right. */
  readonly confidence: number;
  readonly probes: readonly (Probe & { readonly commit: string })[];
}

/** @param commits oldest first; what came before the first is good, the last is bad */
export async function searchFirstBad(
  commits: readonly string[],
  probe: (commit: string) => Promise<Probe>,
): Promise<Found> {
  const probes: (Probe & { commit: string })[] = [];
  const skipped = new Set<number>();
  let good = -1;
  let bad = commits.length - 1;
  for (;;) {
    const index = nextOf(good, bad, skipped);
    if (index === null) break;
    const commit = commits[index] as string;
    const found = await probe(commit);
    probes.push({ commit, ...found });
    if (found.side === 'skip') skipped.add(index);
    else if (found.side === 'good') good = index;
    else bad = index;
  }
  const confidence = probes.reduce(
    (product, { side, probability }) => product * (side === 'skip' ? 1 : probability),
    1,
  );
  return { candidates: commits.slice(good + 1, bad + 1), confidence, probes };
}

/** The commit nearest to the middle that was not skipped; null if none is left between good and bad. */
function nextOf(good: number, bad: number, skipped: ReadonlySet<number>): number | null {
  const middle = (good + bad) / 2;
  const left = Array.from({ length: Math.max(0, bad - good - 1) }, (_, i) => good + 1 + i).filter(
    (index) => !skipped.has(index),
  );
  return left.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] ?? null;
}

/**
 * Decides which is likelier: that the forks vary about 0, as good ones do, or about the whole change.
 * (Wald 1945: the sequential probability ratio test between two means.)
 * @param logRatios ln(commit / good) of each fork
 * @param change ln(bad / good)
 * @param spread the standard deviation of a fork, from all forks so far
 */
export function sideOf(logRatios: readonly number[], change: number, spread: number): Probe {
  const evidence = logRatios.reduce((sum, log) => sum + (change * log - change ** 2 / 2) / spread ** 2, 0);
  return { side: evidence > 0 ? 'bad' : 'good', probability: 1 / (1 + Math.exp(-Math.abs(evidence))) };
}

/** The common standard deviation of several groups of forks, each about its own mean. NaN if no group has two. */
export function pooledSpread(groups: readonly (readonly number[])[]): number {
  let squares = 0;
  let degrees = 0;
  for (const group of groups) {
    const mean = group.reduce((sum, value) => sum + value, 0) / group.length;
    squares += group.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    degrees += Math.max(0, group.length - 1);
  }
  return degrees === 0 ? Number.NaN : Math.sqrt(squares / degrees);
}
