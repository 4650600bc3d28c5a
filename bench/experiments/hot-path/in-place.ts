/**
 * What primitives cost where they are needed: in a server, for each request, among all else that a request takes. Alone in a
 * loop one finds its code and data in the nearest caches and its branches foretold; between two requests they were used for
 * other things. Measured as a toll is: the unguarded arm that does it, in pairs with the one that does not. Both what a scheme
 * cannot do without is measured, and all that its arm is made of, together: what a toll is beyond that is the glue between.
 */

import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices, roundsFor } from '../../measuring/paired-block.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { meRequests, targetOf } from '../../measuring/slices.ts';
import { warmUp } from '../../measuring/warm-up.ts';
import { workOf } from '../../micro/in-place.ts';
import { coreOf, nameOfWork } from '../../micro/parts.ts';
import { NO_WORK, WORK_FACTOR } from './analyse-in-place.ts';

const PLAN = { minForks: 3, maxForks: 8, canBeShort: true } as const;
/** The part of a fork's time after which its servers have started and warmed up. */
const WARM_UP_SHARE = 0.6;
const BLOCKS = 10;
const BLOCK_MS = 400;

/** What servers are made to do: each primitive that an arm cannot do without, and each arm's parts together; each once. */
export function worksFor(arms: readonly ArmInfo[]): string[] {
  const hotPaths = arms.flatMap(({ hotPath = [] }) => (hotPath.length > 0 ? [hotPath] : []));
  const works = hotPaths.flatMap((hotPath) => [...coreOf(hotPath), nameOfWork(hotPath)]);
  return [...new Set(works)].sort();
}

function specsFor(baseline: ArmInfo, works: readonly string[]): FleetSpec[] {
  const spec = { arm: baseline, replicas: 1, replicaShare: null, redisShare: null, users: STANDARD_IN_FLIGHT };
  return [
    { ...spec, key: NO_WORK },
    // The primitives speak to one server, not to a cluster.
    ...works.map((work) => ({ ...spec, key: work, work: workOf(work), cluster: false })),
  ];
}

async function measureFork(context: ExperimentContext, running: RunningFork, time: ForkTime): Promise<void> {
  const { generator, fork, fleets } = running;
  const say = (what: string) => context.progress({ step: `primitives in place, start ${fork + 1}: ${what}` });
  await generator.ask(
    'open',
    fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
  );
  say('warming up');
  const warmUps = await warmUp(generator, { timeoutMs: time.warmUpMs(WARM_UP_SHARE), note: context.note });
  running.setServersApart();
  const targets = new Map(fleets.map((fleet) => [fleet.spec.key, fleet]));
  const cellOf = (key: string) => ({
    arm: targets.get(key)?.spec.arm.name ?? key,
    factors: { in_flight: STANDARD_IN_FLIGHT, [WORK_FACTOR]: key },
  });
  let earlier: { rounds: number; ms: number } | null = null;
  // The first block sets the pace of the others, and counts in no figure.
  for (let block = 0; block <= BLOCKS; block++) {
    // One block more at least, or the fork was for nothing.
    if (context.signal.aborted || (time.over() && block > 1)) return;
    say(`block ${block + 1}`);
    const seed = context.random.derive(`in place ${fork} ${block}`).integer(2 ** 31);
    const rounds = roundsFor(BLOCK_MS, earlier);
    const before = performance.now();
    const options = { rounds, inFlight: STANDARD_IN_FLIGHT, seed, keys: null };
    const position = { fork, block };
    const mode = block === 0 ? 'warm-up' : 'paired';
    for (const slice of await pairedSlices({ generator, targets, position, options, cellOf, warmUps, mode }))
      context.record(slice);
    earlier = { rounds, ms: performance.now() - before };
  }
}

/** @returns null where there is nothing to measure: no baseline, or no arm whose path is known */
export async function measureInPlace(context: ExperimentContext): Promise<StoppedBy | null> {
  const baseline = context.arms.find((arm) => arm.baseline);
  const works = worksFor(context.arms);
  if (baseline === undefined || works.length === 0) return null;
  const left = ({ factors }: Pick<Slice, 'factors'>) => WORK_FACTOR in factors;
  return runForks(context, { ...PLAN, left, specs: specsFor(baseline, works) }, (running, time) =>
    measureFork(context, running, time),
  );
}
