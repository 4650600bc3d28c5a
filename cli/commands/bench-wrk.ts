/**
 * `npm run bench:wrk`: does the closed loop reach the throughput of wrk? Both drive the same unguarded replica with the
 * same number of connections, in random order. It prints the ratio and its interval, and judges nothing.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Fleet, startFleet } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startGenerator } from '../../bench/load/generator.ts';
import { saturationFlags } from '../../bench/measuring/load-flags.ts';
import { meRequests, targetOf } from '../../bench/measuring/slices.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { readUsableCores } from '../../bench/processes/usable-cores.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, environmentError } from '../../core/errors.ts';
import type { Interval } from '../../core/stats/interval.ts';
import { createRandom } from '../../core/stats/random.ts';
import { type Pair, pairedRatio } from '../../core/stats/ratio.ts';
import { formatCount, formatRatio } from '../../core/text/format.ts';
import { findWrk } from '../../scripts/setup/find.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { print, printJson, printNote } from '../output.ts';

const FORKS = 4;
const BLOCKS = 4;
const WINDOW_SECONDS = 2;
const CONNECTIONS = 10;
const SEED = 1;

async function wrkRate(wrk: string, fleet: Fleet): Promise<number> {
  const [address] = targetOf(fleet, meRequests(fleet)).addresses;
  if (!address) throw new Error('the fleet has no replica');
  const url = `http://${address.host}:${address.port}/me`;
  const { stdout } = await promisify(execFile)(wrk, ['-t1', `-c${CONNECTIONS}`, `-d${WINDOW_SECONDS}s`, url]);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  if (!(rate > 0) || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk failed: ${stdout}`);
  return rate;
}

async function measureFork(wrk: string, fork: number, janitor: Janitor): Promise<{ pairs: Pair[]; saturated: number }> {
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
  const pairs: Pair[] = [];
  let saturated = 0;
  const target = targetOf(fleet, meRequests(fleet));
  const closed = async () => {
    const tally = await generator.ask('closed', {
      target,
      connections: CONNECTIONS,
      rampMs: 200,
      windowMs: WINDOW_SECONDS * 1000,
    });
    if (saturationFlags(tally, readUsableCores().usable).length > 0) saturated++;
    return (tally.requests - tally.unexpected) / (tally.durationMs / 1000);
  };
  await closed();
  await wrkRate(wrk, fleet);
  for (let block = 0; block < BLOCKS; block++) {
    const measured = { closed: 0, wrk: 0 };
    for (const side of random.shuffle(['closed', 'wrk'] as const)) {
      measured[side] = side === 'closed' ? await closed() : await wrkRate(wrk, fleet);
    }
    pairs.push({ value: measured.closed, baseline: measured.wrk });
    const rates = `closed loop ${formatCount(measured.closed)} req/s, wrk ${formatCount(measured.wrk)} req/s`;
    printNote(`fresh start ${fork + 1}, block ${block + 1}: ${rates}`);
  }
  await generator.stop();
  await fleet.stop();
  return { pairs, saturated };
}

export const benchWrk: Command = {
  flags: { json: JSON_OUTPUT },
  examples: [{ args: '', does: `${FORKS} fresh starts of ${BLOCKS} blocks, in about two minutes` }],
  async run({ switches, refuseFaults, signal }) {
    refuseFaults();
    const wrk = findWrk(process.env);
    if (wrk === null) throw environmentError('wrk not found', 'install it: npm run setup -- wrk');
    const janitor = await Janitor.start();
    try {
      const forks: Pair[][] = [];
      let saturated = 0;
      for (let fork = 0; fork < FORKS; fork++) {
        signal.throwIfAborted();
        const result = await measureFork(wrk, fork, janitor);
        forks.push(result.pairs);
        saturated += result.saturated;
      }
      const ratio = pairedRatio(forks, { seed: SEED });
      if (switches.has('json')) printJson({ ratio, connections: CONNECTIONS, forks: FORKS, blocks: BLOCKS, saturated });
      else print(resultText(ratio, saturated));
      return EXIT.done;
    } finally {
      await janitor.finish();
    }
  },
};

function resultText(ratio: Interval, saturated: number): string {
  return [
    `closed loop / wrk: ${formatRatio(ratio)}, ${CONNECTIONS} connections, ${FORKS} fresh starts of ${BLOCKS} blocks`,
    ...(saturated > 0
      ? [`the generator or the cores were saturated in ${saturated} of ${FORKS * (BLOCKS + 1)} slices`]
      : []),
  ].join('\n');
}
