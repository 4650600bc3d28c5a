/**
 * `npm run capacity`: the load an arm can carry before an objective is missed; a run of the experiment `capacity`
 * alone.
 */

import { CAPACITY } from '../../bench/experiments/capacity/plan.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { objectiveInWords, objectiveOf } from '../../core/thresholds/objective.ts';
import type { Command } from '../command.ts';
import { BENCH_FLAGS, readBenchOptions } from '../options/bench.ts';
import { STORE_SERVER } from '../options/store-server.ts';
import { WATCHING } from '../options/watching.ts';
import { benchWith } from './bench.ts';

const { profile, replicas, slo, budget, seed, out, resume, cores, json } = BENCH_FLAGS;

export const capacity: Command = {
  flags: {
    arms: { value: 'LIST', help: 'Measure these arms, or "all" (default: session-redis,jwt-hs256).' },
    slo,
    replicas: { ...replicas, help: 'Measure with these numbers of replicas (default: 1; full: 1,2).' },
    profile: { ...profile, help: 'Be quick or full: full has more replicas and fresh starts (default: quick).' },
    budget,
    seed,
    ...STORE_SERVER,
    out,
    resume,
    cores,
    ...WATCHING,
    json,
  },
  examples: [
    { args: '--arms jwt-hs256', does: `the highest rate with ${objectiveInWords(objectiveOf())}` },
    { args: "--arms session-redis,jwt-hs256 --slo 'p99.9<100ms'", does: 'two arms, and another objective' },
    { args: '--arms none --replicas 1,2 --budget 3m', does: 'one replica against two' },
  ],
  notes: async () => [
    'Each fresh start doubles the rate of an open loop until the objective is missed, then closes in on the limit from both',
    'sides, and checks that the server recovers. The peak leaves no headroom: plan with the recommended rate.',
    'For a service of your own: npm run target -- service.json --experiments capacity.',
  ],
  stopsInOrder: true,
  run: async (invocation) => {
    const arms = await describeArms();
    const values = { ...invocation.values, experiments: CAPACITY };
    return benchWith('capacity', invocation, arms, readBenchOptions({ ...invocation, values }, arms));
  },
};
