/** Measures the Redis memory of sessions, arm by arm. */

import type { StoppedBy } from '../../../core/results/schema.ts';
import { watcher } from '../../fleet/redis/redis.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { ArmStore } from './arm-store.ts';
import { LEFT_OUT, STORE_PLANS, type StorePlan, storeSpecs } from './plan.ts';
import { takeSample } from './sample.ts';
import { mostCopies } from './template.ts';

export async function measureStore(context: ExperimentContext): Promise<StoppedBy> {
  const plan = STORE_PLANS[context.config.profile];
  if (!context.ownsRedis) {
    context.note(LEFT_OUT);
    return 'plan';
  }
  if (context.config.redis === 'cluster')
    context.note('store: measured on a single Redis, because a cluster adds no cost per key');
  const specs = storeSpecs(context);
  if (specs.length === 0) {
    context.note('store: not measured, because no arm stores anything in Redis');
    return 'plan';
  }
  context.note('store: every session belongs to a different user, so each has its own index entry');
  return runForks(context, { ...plan, specs }, (running, time) => measureFork(context, plan, running, time));
}

/** Measures arm by arm: the remaining time of the fork is divided among the remaining arms. */
async function measureFork(context: ExperimentContext, plan: StorePlan, running: RunningFork, time: ForkTime) {
  const { fork, fleets } = running;
  const sizes = context.config.storeSizes ?? plan.sizes;
  for (const [i, fleet] of fleets.entries()) {
    const { redis } = fleet;
    if (context.signal.aborted || redis === null) continue;
    const client = watcher(redis.url);
    try {
      await client.connect();
      const sample = await takeSample(fleet, client);
      if (sample === null) {
        context.note(`store: ${fleet.spec.arm.name} stores nothing of a login in Redis`);
        continue;
      }
      const most = mostCopies(sample.template);
      const until = context.secondsLeft() - time.leftSeconds() / (fleets.length - i);
      const store = new ArmStore({ context, plan, fork, fleet, client, sample });
      await store.measure(
        sizes.filter((size) => size <= most),
        until,
      );
    } catch (error) {
      if (!context.signal.aborted) throw error;
    } finally {
      client.disconnect();
    }
  }
}
