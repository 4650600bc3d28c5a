/** `npm run bench:model`: how long the capacity model takes to answer; fails if the median exceeds the limit. */
import { performance } from 'node:perf_hooks';
import { EXIT } from '../../../core/errors.ts';
import { capacityOf, compareArms } from '../../../core/model/capacity.ts';
import { solveFleet } from '../../../core/model/fleet-model.ts';
import { solveMix } from '../../../core/model/multi-class.ts';
import { simulate } from '../../../core/model/simulation.ts';
import type { Interval } from '../../../core/stats/interval.ts';
import { formatFixed } from '../../../core/text/format.ts';
import type { Command } from '../../command.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson } from '../../output.ts';

const LIMIT_MS = 5;
const ARMS = 20;
const ROUNDS = 200;

/** The median time of this many rounds, in ms. */
function medianMs(rounds: number, body: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    body();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[Math.floor(rounds / 2)] ?? Number.NaN;
}

const range = (value: number): Interval => ({ value, low: value * 0.9, high: value * 1.1 });
const demands = { replicaCpuUs: range(96), redisCpuUs: range(7), wireBytes: range(415), sessionBytes: range(600) };
const workload = { requestsPerSecond: 1e6, liveSessions: 5e7, utilisation: 0.7, redisNodeBytes: 16e9 };
const costs = { replicaCpuUs: 200, redis: { wakeUs: 10, requestUs: 5 }, generatorCpuUs: 30 };
const setting = { replicaCores: 0.07, redisNodes: 1, redisRttMs: 0.05, routing: 'bound' } as const;

/** A thousand users of four classes: two schemes, critical operations, and logins. */
const MIX_STATIONS = [
  { name: 'replicas', kind: 'queue', copies: 8 },
  { name: 'redis', kind: 'queue' },
  { name: 'wire', kind: 'delay' },
] as const;
const MIX = [
  { name: 'session', users: 250, demands: [60e-6, 7e-6, 1e-4], think: 0 },
  { name: 'token', users: 250, demands: [35e-6, 0, 0], think: 0.005 },
  { name: 'critical', users: 300, demands: [90e-6, 14e-6, 1e-4], think: 0.01 },
  { name: 'login', users: 200, demands: [200e-6, 20e-6, 2e-4], think: 0.015 },
] as const;

/** Two stations that are nearly balanced, for which a plain fixed-point iteration takes thousands of steps. */
const BALANCED_STATIONS = [
  { name: 'replicas', kind: 'queue' },
  { name: 'redis', kind: 'queue' },
] as const;
const BALANCED = ['session', 'token', 'critical', 'login'].map((name) => ({
  name,
  users: 250,
  demands: [1e-3, 0.999e-3],
  think: 0,
}));

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
    mix1000UsersMs: medianMs(50, () => {
      solveMix(MIX_STATIONS, MIX);
    }),
    balancedMix1000UsersMs: medianMs(50, () => {
      solveMix(BALANCED_STATIONS, BALANCED);
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

export const benchModel: Command = {
  flags: { json: JSON_OUTPUT },
  examples: [{ args: '', does: `fails if ${ARMS} arms, or a mix of classes, take more than ${LIMIT_MS} ms` }],
  notes: async () => [
    `Times the capacity of ${ARMS} arms, as the figures of needed replicas ask for it, and a mix of four classes of requests.`,
    'The queueing network and the simulation are timed for comparison.',
  ],
  async run({ switches, refuseFaults }) {
    refuseFaults();
    const times = measure();
    const rows: readonly (readonly [string, number])[] = [
      [`capacity of ${ARMS} arms`, times.capacityMs],
      ['queueing network, 160 users', times.network160UsersMs],
      ['queueing network, 640 users', times.network640UsersMs],
      ['mix of 4 classes, 1,000 users', times.mix1000UsersMs],
      ['the same, nearly balanced', times.balancedMix1000UsersMs],
      ['simulation of 10,000 requests', times.simulation10000RequestsMs],
    ];
    if (switches.has('json')) printJson(times);
    else print(rows.map(([name, ms]) => `${name.padEnd(33)}${formatFixed(ms, 3)} ms`).join('\n'));
    const limited = [times.capacityMs, times.mix1000UsersMs, times.balancedMix1000UsersMs];
    return limited.every((ms) => ms <= LIMIT_MS) ? EXIT.done : EXIT.failed;
  },
};
