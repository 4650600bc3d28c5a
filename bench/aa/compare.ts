/**
 * One comparison: is a side slower than the reference? Several fresh processes of each side are started at once, since
 * a JIT settles differently at each start; each pair of processes is a fork, and all are loaded batch by batch.
 */
import { meRequests, targetOf } from '../experiments/slices.ts';
import { type Fleet, type FleetSpec, type Ground, startFleet } from '../fleet/fleet.ts';
import { Generator } from '../load/generator-client.ts';
import type { Tally } from '../load/messages.ts';
import type { Estimate } from '../stats/estimate.ts';
import { createRandom } from '../stats/random.ts';
import { type Pair, pairedRatio } from '../stats/ratio.ts';

/** Wider than a figure's: a comparison that turns something red must hardly ever be wrong. */
export const CONFIDENCE = 0.99;
const IN_FLIGHT = 10;

export interface Side {
  readonly name: string;
  readonly burnIterations: number;
}

export interface ComparisonOptions {
  readonly ground: Ground;
  readonly arm: FleetSpec['arm'];
  /** The first is the reference. */
  readonly sides: readonly Side[];
  /** For all of it: starts, warm-up and measurement. */
  readonly seconds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface Comparison {
  readonly side: string;
  /** CPU time per request over the reference's. */
  readonly ratio: Estimate;
}

export interface Compared {
  readonly comparisons: readonly Comparison[];
  /** CPU µs per request of the reference, over all its processes. */
  readonly referenceUs: number;
  readonly forks: number;
  readonly blocks: number;
}

/** How a comparison's time is spent. Pure. */
export interface Schedule {
  readonly forks: number;
  readonly blocks: number;
}

/** More starts tell more than longer ones, until starting them eats the time. */
export function scheduleFor(seconds: number): Schedule {
  return { forks: Math.min(16, Math.max(4, Math.round(seconds / 2))), blocks: 6 };
}

/** Whether the rule calls it slower: the whole interval lies above 1. */
export function calledSlower({ ratio }: Comparison): boolean {
  return ratio.low > 1;
}

/** Whether the rule calls it different at all. */
export function calledDifferent({ ratio }: Comparison): boolean {
  return ratio.low > 1 || ratio.high < 1;
}

const keyOf = (side: Side, fork: number) => `${side.name}#${fork}`;

/** @throws TollgateError when a process dies; Error('interrupted') when the signal is aborted */
export async function compare(options: ComparisonOptions): Promise<Compared> {
  const { ground, arm, sides, seconds, seed, signal } = options;
  const started = performance.now();
  const { forks, blocks } = scheduleFor(seconds);
  const generator = new Generator(ground.janitor);
  const interrupt = () => generator.fail(new Error('interrupted'));
  signal.addEventListener('abort', interrupt, { once: true });
  const specs = Array.from({ length: forks }, (_, fork) =>
    sides.map(
      (side): FleetSpec => ({
        key: keyOf(side, fork),
        arm,
        replicas: 1,
        replicaShare: null,
        redisShare: null,
        users: IN_FLIGHT,
        burnIterations: side.burnIterations,
      }),
    ),
  ).flat();
  const fleets: Fleet[] = [];
  try {
    const results = await Promise.allSettled(
      specs.map((spec) => startFleet({ ...ground, onDeath: (error) => generator.fail(error) }, spec)),
    );
    for (const result of results) if (result.status === 'fulfilled') fleets.push(result.value);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    signal.throwIfAborted();
    await generator.open(fleets.map((fleet) => targetOf(fleet, meRequests(fleet))));
    const left = () => seconds - (performance.now() - started) / 1000;
    const rounds = await warmUp(generator, left() * 0.35, seed);
    const tallies: Tally[][] = [];
    const perBlock = Math.max(1, Math.round((left() / blocks / rounds.seconds) * rounds.rounds));
    for (let block = 0; block < blocks; block++) {
      signal.throwIfAborted();
      tallies.push(await generator.paired({ rounds: perBlock, inFlight: IN_FLIGHT, seed: seed + block, keys: null }));
    }
    return summarise(sides, forks, tallies, seed);
  } finally {
    signal.removeEventListener('abort', interrupt);
    await generator.stop();
    await Promise.all(fleets.map((fleet) => fleet.stop()));
  }
}

/** @returns how long the last rounds took, once the JIT has settled */
async function warmUp(
  generator: Generator,
  seconds: number,
  seed: number,
): Promise<{ rounds: number; seconds: number }> {
  const end = performance.now() + seconds * 1000;
  const rounds = 2;
  let took = 0;
  do {
    const before = performance.now();
    await generator.paired({ rounds, inFlight: IN_FLIGHT, seed, keys: null });
    took = (performance.now() - before) / 1000;
  } while (performance.now() < end);
  return { rounds, seconds: took };
}

function cpuUs(tally: Tally | undefined): number {
  if (!tally?.replicaCpuNs || tally.unexpected + tally.failed > 0) return Number.NaN;
  return tally.replicaCpuNs.reduce((sum, ns) => sum + ns, 0) / 1000 / tally.requests;
}

function summarise(
  sides: readonly Side[],
  forks: number,
  tallies: readonly (readonly Tally[])[],
  seed: number,
): Compared {
  const [reference, ...others] = sides;
  if (!reference) throw new Error('a comparison needs a reference');
  const at = (side: Side, fork: number, block: readonly Tally[]) =>
    cpuUs(block.find(({ key }) => key === keyOf(side, fork)));
  const indices = Array.from({ length: forks }, (_, fork) => fork);
  const comparisons = others.map((side) => {
    const pairs: Pair[][] = indices.map((fork) =>
      tallies.map((block) => ({ value: at(side, fork, block), baseline: at(reference, fork, block) })),
    );
    const bootSeed = createRandom(seed)
      .fork(side.name)
      .integer(2 ** 31);
    return { side: side.name, ratio: pairedRatio(pairs, { seed: bootSeed, confidence: CONFIDENCE }) };
  });
  const costs = indices.flatMap((fork) => tallies.map((block) => at(reference, fork, block)));
  return {
    comparisons,
    referenceUs: costs.reduce((sum, us) => sum + us, 0) / costs.length,
    forks,
    blocks: tallies.length,
  };
}
