/**
 * `npm run bench:model`: how long the capacity model takes to answer, which a slider of the report waits for. Exit 1
 * where its median is over the limit. The queueing network and the simulation are timed beside it.
 */

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { capacityOf, compareArms, type Range } from '../core/model/capacity.ts';
import { solveFleet } from '../core/model/fleet-model.ts';
import { simulate } from '../core/model/simulation.ts';
import { formatFixed } from '../core/text/format.ts';

const USAGE = `Usage: npm run bench:model [-- --json]

Times the capacity model for 20 arms, as one move of a slider asks it; exit 1 where that takes more than 5 ms.

  --json   print the times as one JSON object
  --help   print this
`;
const LIMIT_MS = 5;
const ARMS = 20;
const ROUNDS = 200;

/** Middle of so many rounds, ms. */
function medianMs(rounds: number, body: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    body();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[Math.floor(rounds / 2)] ?? Number.NaN;
}

const range = (value: number): Range => ({ value, low: value * 0.9, high: value * 1.1 });
const demands = { replicaCpuUs: range(96), redisCpuUs: range(7), wireBytes: range(415), sessionBytes: range(600) };
const workload = { requestsPerSecond: 1e6, liveSessions: 5e7, utilisation: 0.7, redisNodeBytes: 16e9 };
const costs = { replicaCpuUs: 200, redis: { wakeUs: 10, requestUs: 5 }, generatorCpuUs: 30 };
const setting = { replicaCores: 0.07, redisNodes: 1, redisRttMs: 0.05, routing: 'bound' } as const;

function measure() {
  return {
    capacityMs: medianMs(ROUNDS, () => {
      for (let arm = 0; arm < ARMS; arm++) {
        capacityOf(workload, demands);
        compareArms(demands, demands, workload.utilisation);
      }
    }),
    network160UsersMs: medianMs(ROUNDS, () => {
      solveFleet(costs, { ...setting, replicas: 8, redisCores: 1, users: 160 });
    }),
    network640UsersMs: medianMs(50, () => {
      solveFleet(costs, { ...setting, replicas: 8, redisCores: 0.03, users: 640 });
    }),
    simulation10000RequestsMs: medianMs(5, () => {
      simulate(
        { replicas: 8, replicaDemand: 0.003, discipline: 'fifo', redisRate: null, redisRtt: 0, service: 'exponential' },
        { kind: 'closed', users: 160, think: 0, routing: 'bound' },
        { seed: 1, requests: 10_000 },
      );
    }),
  };
}

function main(argv: readonly string[]): number {
  let values: { json?: boolean; help?: boolean };
  try {
    values = parseArgs({
      args: [...argv],
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)} See --help.\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const times = measure();
  const ms = (value: number) => `${formatFixed(value, 3)} ms`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify(times)}\n`
      : `capacity of ${ARMS} arms              ${ms(times.capacityMs)}
queueing network, 160 users      ${ms(times.network160UsersMs)}
queueing network, 640 users      ${ms(times.network640UsersMs)}
simulation of 10,000 requests    ${ms(times.simulation10000RequestsMs)}
`,
  );
  return times.capacityMs <= LIMIT_MS ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
