/** `npm run micro`: the experiment `hot-path` alone, as a run like any other. */
import { HOT_PATH } from '../../bench/experiments/hot-path/analyse.ts';
import { describeArms } from '../../bench/run/arms.ts';
import type { Command } from '../command.ts';
import { BENCH_FLAGS, readBenchOptions } from '../options/bench.ts';
import { STORE_SERVER } from '../options/store-server.ts';
import { WATCHING } from '../options/watching.ts';
import { benchWith } from './bench.ts';

const { profile, budget, seed, out, resume, cores, json } = BENCH_FLAGS;

export const micro: Command = {
  flags: {
    profile: {
      ...profile,
      help: 'Be quick or full: full also times primitives in a server, profiles whole requests, and has more fresh starts (default: quick).',
    },
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
    { args: '', does: 'every primitive, for its default time' },
    { args: '--budget 20s --json', does: 'a shorter run, with JSON output' },
  ],
  stopsInOrder: true,
  run: async (invocation) => {
    const arms = await describeArms();
    const options = readBenchOptions(invocation, arms);
    const config = { ...options.config, experiments: [HOT_PATH], byDefault: false };
    return benchWith('micro', invocation, arms, { ...options, config });
  },
};
