/**
 * `npm run bench:wrk`: does the closed loop reach the throughput of wrk? Both load the same unguarded replica with
 * the same number of connections, in random order. It prints the ratio and its interval, without a verdict.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Fleet, startFleet } from '../../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../../bench/fleet/secrets.ts';
import { authorityOf } from '../../../bench/load/connection/authority.ts';
import { elapsed } from '../../../bench/load/elapsed.ts';
import { startGenerator } from '../../../bench/load/generator.ts';
import type { Tally } from '../../../bench/load/replies.ts';
import { readProcesses } from '../../../bench/load/tally.ts';
import { saturationFlags } from '../../../bench/measuring/load-flags.ts';
import { meRequests, targetOf } from '../../../bench/measuring/slices.ts';
import { Janitor } from '../../../bench/processes/janitor.ts';
import { readUsableCores } from '../../../bench/processes/usable-cores.ts';
import { describeArms } from '../../../bench/run/arms.ts';
import { EXIT, environmentError, thenEnding } from '../../../core/errors.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { formatCount } from '../../../core/text/format.ts';
import { findWrk } from '../../../scripts/setup/find.ts';
import type { Command } from '../../command.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson, printNote } from '../../output.ts';
import { type WrkBlock, wrkResult, wrkText } from '../../wrk/result.ts';

const FORKS = 4;
const BLOCKS = 4;
const WINDOW_SECONDS = 2;
const CONNECTIONS = 10;
const SEED = 1;

interface WrkRun {
  readonly rate: number;
  readonly cpuUs: number | null;
}

/** @throws Error if wrk fails, or gets responses other than 2xx */
async function runWrk(wrk: string, fleet: Fleet): Promise<WrkRun> {
  const [address] = targetOf(fleet, meRequests(fleet)).addresses;
  if (!address) throw new Error('the fleet has no replica');
  const url = `http://${authorityOf(address)}/me`;
  const running = promisify(execFile)(wrk, ['-t1', `-c${CONNECTIONS}`, `-d${WINDOW_SECONDS}s`, url]);
  const [{ stdout }, cores] = await Promise.all([running, coresOf(running.child.pid)]);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  if (!(rate > 0) || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk failed: ${stdout}`);
  return { rate, cpuUs: cores === null ? null : (cores * 1e6) / rate };
}

/** Cores used by wrk in the middle of its run, since the account is gone when its process exits. */
async function coresOf(pid: number | undefined): Promise<number | null> {
  if (pid === undefined) return null;
  await elapsed(WINDOW_SECONDS * 250);
  const before = readProcesses({ replicas: [pid], redis: null });
  await elapsed(WINDOW_SECONDS * 500);
  const after = readProcesses({ replicas: [pid], redis: null });
  const [startNs = null] = before.replicaNs;
  const [endNs = null] = after.replicaNs;
  return startNs === null || endNs === null ? null : (endNs - startNs) / ((after.atMs - before.atMs) * 1e6);
}

async function measureFork(wrk: string, fork: number, janitor: Janitor): Promise<WrkBlock[]> {
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
  const spec = { key: 'none', arm: baseline, replicas: 1, replicaShare: null, redisShare: null, users: CONNECTIONS };
  const fleet = await startFleet(environment, spec);
  const generator = startGenerator(janitor);
  const random = createRandom(SEED).derive(`fork ${fork}`);
  const blocks: WrkBlock[] = [];
  const target = targetOf(fleet, meRequests(fleet));
  const window = { connections: CONNECTIONS, rampMs: 200, windowMs: WINDOW_SECONDS * 1000 };
  const closed = () => generator.ask('closed', { target, ...window });
  await closed();
  await runWrk(wrk, fleet);
  for (let block = 0; block < BLOCKS; block++) {
    const closedFirst = random.shuffle([true, false])[0] === true;
    const before = closedFirst ? await closed() : null;
    const other = await runWrk(wrk, fleet);
    const found = blockOf(before ?? (await closed()), other);
    blocks.push(found);
    const { value, baseline } = found.rates;
    const rates = `closed loop ${formatCount(value)} req/s, wrk ${formatCount(baseline)} req/s`;
    printNote(`fresh start ${fork + 1}, block ${block + 1}: ${rates}`);
  }
  await generator.stop();
  await fleet.stop();
  return blocks;
}

function blockOf(tally: Tally, wrk: WrkRun): WrkBlock {
  const perRequest = (ns: number) => ns / 1000 / tally.requests;
  const [serverNs = null] = tally.replicaCpuNs ?? [];
  return {
    rates: { value: ((tally.requests - tally.unexpected) * 1000) / tally.durationMs, baseline: wrk.rate },
    generatorUs: perRequest(tally.generatorCpuNs),
    wrkUs: wrk.cpuUs,
    serverUs: serverNs === null ? null : perRequest(serverNs),
    flags: saturationFlags(tally, readUsableCores().usable),
  };
}

export const benchWrk: Command = {
  flags: { json: JSON_OUTPUT },
  examples: [{ args: '', does: `${FORKS} fresh starts of ${BLOCKS} blocks, in about two minutes` }],
  async run({ switches, refuseFaults, signal }) {
    refuseFaults();
    const wrk = findWrk(process.env);
    if (wrk === null) throw environmentError('wrk not found', 'install it: npm run setup -- wrk');
    const janitor = await Janitor.start();
    return thenEnding(
      async () => {
        const forks: WrkBlock[][] = [];
        for (let fork = 0; fork < FORKS; fork++) {
          signal.throwIfAborted();
          forks.push(await measureFork(wrk, fork, janitor));
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
