/**
 * Measures primitives in place: in a server, for each request. An isolated loop has warm caches and a trained branch
 * predictor; between requests, both are used for other things. Measured like a toll: the unguarded arm with the
 * additional work, paired with the one without. The work is either an essential primitive of a scheme, or all parts
 * of an arm together; the rest of a toll is the code that connects them.
 */

import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import { BlockLengths } from '../../measuring/block-lengths.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
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

/** The work to measure: each essential primitive, and each arm's parts together, without repetition. */
export function worksFor(arms: readonly ArmInfo[]): string[] {
  const hotPaths = arms.flatMap(({ hotPath = [] }) => (hotPath.length > 0 ? [hotPath] : []));
  const works = hotPaths.flatMap((hotPath) => [...coreOf(hotPath), nameOfWork(hotPath)]);
  return [...new Set(works)].sort();
}

function specsFor(baseline: ArmInfo, works: readonly string[]): FleetSpec[] {
  const spec = { arm: baseline, replicas: 1, users: STANDARD_IN_FLIGHT };
  return [
    { ...spec, key: NO_WORK },
    // The primitives use one server, not a cluster.
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
  const lengths = new BlockLengths(BLOCK_MS);
  // The first block sets the length of the others, and counts in no figure.
  for (let block = 0; block <= BLOCKS; block++) {
    // At least one more block, or the fork would be useless.
    if (context.signal.aborted || (time.over() && block > 1)) return;
    say(`block ${block + 1}`);
    const seed = context.random.derive(`in place ${fork} ${block}`).integer(2 ** 31);
    const position = { fork, block };
    const mode = block === 0 ? 'warm-up' : 'paired';
    await lengths.run('all', async (rounds) => {
      const options = { rounds, inFlight: STANDARD_IN_FLIGHT, seed, keys: null };
      for (const slice of await pairedSlices({ generator, targets, position, options, cellOf, warmUps, mode }))
        context.record(slice);
    });
  }
}

/** @returns null if there is nothing to measure: no baseline, or no arm with a known path */
export async function measureInPlace(context: ExperimentContext): Promise<StoppedBy | null> {
  const baseline = context.arms.find((arm) => arm.baseline);
  const works = worksFor(context.arms);
  if (baseline === undefined || works.length === 0) return null;
  const left = ({ factors }: Pick<Slice, 'factors'>) => WORK_FACTOR in factors;
  return runForks(context, { ...PLAN, left, specs: specsFor(baseline, works) }, (running, time) =>
    measureFork(context, running, time),
  );
}
