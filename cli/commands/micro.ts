/** `npm run micro`: the micro suite alone, as a run like any other. */

import { HOT_PATH } from '../../bench/experiments/hot-path/plan.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { BENCH_FLAGS } from '../bench-flags.ts';
import { helpText, parseFlags } from '../flags.ts';
import { printFaults } from '../terminal.ts';
import { benchCommand } from './bench.ts';

const { profile, budget, seed, out, resume, json, help } = BENCH_FLAGS;
const FLAGS = { profile, budget, seed, out, resume, json, help };

/** @returns the exit code */
export async function microCommand(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const parsed = parseFlags(args, FLAGS);
  if (parsed.switches.has('help')) {
    const purpose =
      'Times the primitives of each scheme’s hot path alone: verify, sign, unsign, Redis GET, JSON.parse.';
    process.stdout.write(helpText('npm run micro -- [flags]', purpose, FLAGS, []));
    return EXIT.done;
  }
  if (parsed.faults.length > 0) {
    printFaults(parsed.faults, 'npm run micro -- --help lists every flag');
    return EXIT.usage;
  }
  return benchCommand(parsed.values.resume === undefined ? ['--experiments', HOT_PATH, ...args] : args, signal);
}
