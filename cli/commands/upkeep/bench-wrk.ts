/**
 * `npm run bench:wrk`: does the closed loop reach the throughput of wrk? Both load the same unguarded replica with
 * the same number of connections, in random order. It prints the ratio and its interval, without a verdict.
 */

import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../../bench/fleet/secrets.ts';
import { startFleet } from '../../../bench/fleet/start.ts';
import { startGenerator } from '../../../bench/load/generator.ts';
import type { Target } from '../../../bench/load/protocol.ts';
import type { Tally } from '../../../bench/load/replies.ts';
import { wrkPath } from '../../../bench/load/wrk/program.ts';
import { type WrkOptions, wrkSlice } from '../../../bench/load/wrk/wrk.ts';
import { saturationFlags } from '../../../bench/measuring/load-flags.ts';
import { meRequests, targetOf } from '../../../bench/measuring/slices.ts';
import { Janitor } from '../../../bench/processes/janitor.ts';
import { readUsableCores } from '../../../bench/processes/usable-cores.ts';
import { describeArms } from '../../../bench/run/arms.ts';
import { EXIT, runError, thenEnding } from '../../../core/errors.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { formatCount } from '../../../core/text/format.ts';
import type { Command } from '../../command.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson, printNote } from '../../output.ts';
import { type WrkBlock, wrkResult, wrkText } from '../../wrk/result.ts';

const FORKS = 4;
const BLOCKS = 4;
const WINDOW_SECONDS = 2;
const CONNECTIONS = 10;
const SEED = 1;

/** @throws TollgateError (run) if wrk fails, or the server refused a request */
async function loadByWrk(target: Target, options: WrkOptions): Promise<Tally> {
  const tally = await wrkSlice(target, options);
  const { requests, unexpected, failed } = tally;
  if (requests > 0 && unexpected === 0 && failed === 0) return tally;
  const counts = `${requests} responses, ${unexpected} of them refusals, and ${failed} failures`;
  throw runError(`wrk got ${counts}`, 'stop other programs, and run it again');
}

async function measureFork(fork: number, janitor: Janitor, signal: AbortSignal): Promise<WrkBlock[]> {
  const baseline = (await describeArms()).find((arm) => arm.baseline);
  if (!baseline) throw new Error('there is no baseline arm');
  const environment = {
    janitor,
    secrets: await makeSecrets(),
    users: await makeUsers(CONNECTIONS, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'wrk',
    onDeath: (error: Error) => {
      throw error;
    },
  };
  const spec = { key: 'none', arm: baseline, replicas: 1, users: CONNECTIONS };
  const fleet = await startFleet(environment, spec);
  const generator = startGenerator(janitor);
  const random = createRandom(SEED).derive(`fork ${fork}`);
  const blocks: WrkBlock[] = [];
  const target = targetOf(fleet, meRequests(fleet));
  const window = { connections: CONNECTIONS, rampMs: 200, windowMs: WINDOW_SECONDS * 1000 };
  const closed = () => generator.ask('closed', { target, ...window });
  const byWrk = () =>
    loadByWrk(target, {
      connections: CONNECTIONS,
      seconds: WINDOW_SECONDS,
      beside: generator.pid,
      watch: (child) => janitor.watch(child),
      watchDirectory: (path) => janitor.watchDirectory(path),
      signal,
    });
  return thenEnding(
    async () => {
      await closed();
      await byWrk();
      for (let block = 0; block < BLOCKS; block++) {
        const closedFirst = random.shuffle([true, false])[0] === true;
        const before = closedFirst ? await closed() : null;
        const other = await byWrk();
        const found = blockOf(before ?? (await closed()), other);
        blocks.push(found);
        const { value, baseline } = found.rates;
        const rates = `closed loop ${formatCount(value)} req/s, wrk ${formatCount(baseline)} req/s`;
        printNote(`fresh start ${fork + 1}, block ${block + 1}: ${rates}`);
      }
      return blocks;
    },
    () => generator.stop(),
    () => fleet.stop(),
  );
}

const microsEach = (ns: number, { requests }: Tally) => ns / 1000 / requests;
const rateOf = ({ requests, unexpected, durationMs }: Tally) => ((requests - unexpected) * 1000) / durationMs;

/** @param closed of the closed loop @param wrk has the CPU time 0 where it cannot be read */
function blockOf(closed: Tally, wrk: Tally): WrkBlock {
  const [serverNs = null] = closed.replicaCpuNs ?? [];
  return {
    rates: { value: rateOf(closed), baseline: rateOf(wrk) },
    generatorUs: microsEach(closed.generatorCpuNs, closed),
    wrkUs: wrk.generatorCpuNs === 0 ? null : microsEach(wrk.generatorCpuNs, wrk),
    serverUs: serverNs === null ? null : microsEach(serverNs, closed),
    flags: saturationFlags(closed, readUsableCores().usable),
  };
}

export const benchWrk: Command = {
  flags: { json: JSON_OUTPUT },
  examples: [{ args: '', does: `${FORKS} fresh starts of ${BLOCKS} blocks, in about two minutes` }],
  async run({ switches, refuseFaults, signal }) {
    refuseFaults();
    // Its error names the remedy before anything is started.
    wrkPath();
    const janitor = await Janitor.start();
    return thenEnding(
      async () => {
        const forks: WrkBlock[][] = [];
        for (let fork = 0; fork < FORKS; fork++) {
          signal.throwIfAborted();
          forks.push(await measureFork(fork, janitor, signal));
        }
        const result = wrkResult(forks, SEED);
        if (switches.has('json')) printJson({ ...result, connections: CONNECTIONS, forks: FORKS });
        else print(wrkText(result));
        return EXIT.done;
      },
      () => janitor.finish(),
    );
  },
};
