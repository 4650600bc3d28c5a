/** The search for the commit that changed something, if each probe may be wrong. Pure except for the probe. */

export interface Probe {
  /** `skip` if the commit cannot be built or started. */
  readonly side: 'good' | 'bad' | 'skip';
  /** The probability that the side is right. */
  readonly probability: number;
}

/** A step is decided once the other side is this unlikely. */
export const SURE = 0.995;

export interface Found {
  /** The commits that include the first bad one, oldest first: one, unless some could not be probed. */
  readonly candidates: readonly string[];
  /** The probability that every step was right. */
  readonly confidence: number;
  readonly probes: readonly (Probe & { readonly commit: string })[];
}

/** @param commits oldest first; the state before the first is good, the last is bad */
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
 * Decides which is more likely: that the forks vary about 0, as good ones do, or about the whole change. Neither the
 * change nor the spread of forks is known exactly, so both are integrated out under flat priors (of the change, and
 * of the logarithm of the spread). What remains is a ratio of two Student-t likelihoods (Box & Tiao 1973, section
 * 2.5). @param logRatios ln(commit / good) of each fork @param whole ln(bad / good) of each fork of the comparison
 * that showed the change @param others forks of commits that were decided before, each with its own mean: they inform
 * the spread
 */
export function sideOf(
  logRatios: readonly number[],
  whole: readonly number[],
  others: readonly (readonly number[])[] = [],
): Probe {
  const elsewhere = others.reduce((sum, group) => sum + squaresAboutMean(group), 0);
  const ifGood = elsewhere + squaresAboutMean(whole) + logRatios.reduce((sum, log) => sum + log ** 2, 0);
  const ifBad = elsewhere + squaresAboutMean([...whole, ...logRatios]);
  const count = whole.length + logRatios.length;
  const degrees = count - 1 + others.reduce((sum, group) => sum + Math.max(0, group.length - 1), 0);
  const change = 0.5 * Math.log(whole.length / count);
  // Forks without any spread, such as constants in a test, leave no doubt.
  const fit = ifBad === ifGood ? 0 : (degrees / 2) * Math.log(ifGood / ifBad);
  const evidence = change + fit;
  return { side: evidence > 0 ? 'bad' : 'good', probability: 1 / (1 + Math.exp(-Math.abs(evidence))) };
}

/**
 * Adds forks of a commit until its side is sure, or the time is over. @param fork gives ln(commit / good) of the next
 * fork; not finite if the cost was not measured on both sides, and then the commit is skipped @param decided receives
 * the forks of a commit that was decided
 */
export async function probeCommit(
  fork: (index: number) => Promise<number>,
  whole: readonly number[],
  decided: (readonly number[])[],
  {
    fewest,
    isLate,
    onFork,
  }: {
    readonly fewest: number;
    readonly isLate: () => boolean;
    readonly onFork: (forks: number, probe: Probe) => void;
  },
): Promise<Probe> {
  const logs: number[] = [];
  for (;;) {
    const log = await fork(logs.length);
    if (!Number.isFinite(log)) return { side: 'skip', probability: 1 };
    logs.push(log);
    const probe = sideOf(logs, whole, decided);
    onFork(logs.length, probe);
    if (logs.length < fewest || (probe.probability < SURE && !isLate())) continue;
    decided.push(logs);
    return probe;
  }
}

function squaresAboutMean(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
