/**
 * `npm run bench:wrk`: does the closed loop reach what wrk reaches? Both drive the same unguarded replica in one run,
 * in turn and in random order, with the same number of connections. Prints the ratio and its interval; asserts nothing.
 */

import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { type Fleet, startFleet } from '../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../bench/fleet/secrets.ts';
import { startGenerator } from '../bench/load/generator.ts';
import { saturationFlags } from '../bench/measuring/load-flags.ts';
import { meRequests, targetOf } from '../bench/measuring/slices.ts';
import { Janitor } from '../bench/processes/janitor.ts';
import { describeArms } from '../bench/run/arms.ts';
import { createRandom } from '../core/stats/random.ts';
import { type Pair, pairedRatio } from '../core/stats/ratio.ts';
import { formatCount, formatRatio } from '../core/text/format.ts';
import { findWrk } from './setup/find.ts';

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
    if (saturationFlags(tally, availableParallelism()).length > 0) saturated++;
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
    process.stderr.write(
      `fork ${fork + 1}, block ${block + 1}: closed ${formatCount(measured.closed)} req/s, wrk ${formatCount(measured.wrk)} req/s\n`,
    );
  }
  await generator.stop();
  await fleet.stop();
  return { pairs, saturated };
}

const wrk = findWrk(process.env);
if (wrk === null) {
  process.stderr.write('tollgate: wrk is not installed\n  run npm run setup -- wrk\n');
  process.exit(3);
}
const janitor = await Janitor.start();
try {
  const forks: Pair[][] = [];
  let saturated = 0;
  for (let fork = 0; fork < FORKS; fork++) {
    const result = await measureFork(wrk, fork, janitor);
    forks.push(result.pairs);
    saturated += result.saturated;
  }
  const { value, low, high } = pairedRatio(forks, { seed: SEED });
  process.stdout.write(
    `closed loop over wrk: ${formatRatio({ value, low, high })}, ${CONNECTIONS} connections, ${FORKS} forks of ${BLOCKS} blocks\n`,
  );
  if (saturated > 0)
    process.stdout.write(
      `the generator or the cores were saturated in ${saturated} slices of ${FORKS * BLOCKS + FORKS}\n`,
    );
} finally {
  await janitor.finish();
}
process.exit(0);
