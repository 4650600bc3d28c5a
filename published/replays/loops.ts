/** Replays benchmarks of whole servers: closed loops against a session in Redis and a token, in turns. */
import type { Fleet } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import type { Tally } from '../../bench/load/replies.ts';
import { saturationFlags } from '../../bench/measuring/load-flags.ts';
import { meRequests, targetOf } from '../../bench/measuring/slices.ts';
import { type WarmUps, warmUp } from '../../bench/measuring/warm-up.ts';
import { readUsableCores } from '../../bench/processes/usable-cores.ts';
import { runError, thenEnding } from '../../core/errors.ts';
import type { Flag } from '../../core/results/flags.ts';
import { estimate } from '../../core/stats/estimate.ts';
import { proportion } from '../../core/stats/proportion.ts';
import { createRandom } from '../../core/stats/random.ts';
import { pairedRatio } from '../../core/stats/ratio.ts';
import { list } from '../../core/text/format.ts';
import { type Finding, LEVELS, type Level } from '../finding.ts';
import { withFleets } from './fleets.ts';
import { finding, type Replay, type ReplayContext } from './replay.ts';

const SESSION = 'session-redis';
const TOKEN = 'jwt-hs256';
const ARMS = [SESSION, TOKEN] as const;
const STARTS = 4;
const BLOCKS = 3;
const WINDOW_MS = 1000;
/** The maximum warm-up, for both arms together. */
const WARM_UP_MS = 20_000;
const RAMP_MS = 100;

export interface LoopSample {
  readonly rate: number;
  /** CPU time of replica and Redis, µs; null where it could not be read. */
  readonly cpuUs: number | null;
  readonly flags: readonly Flag[];
}

/** One window of each arm, in immediate succession. */
export interface LoopBlock {
  readonly level: Level;
  readonly session: LoopSample;
  readonly token: LoopSample;
}

/**
 * @param warmUps of the fresh start that the window belongs to
 *
 * @returns null for a window with a wrong reply, or with none: it does not count
 */
export function sampleOf(tally: Tally, cores: number, warmUps: Pick<WarmUps, 'flags'>): LoopSample | null {
  const { requests, unexpected, failed, durationMs, replicaCpuNs, redisCpuNs } = tally;
  if (requests === 0 || unexpected + failed > 0) return null;
  const replicas = replicaCpuNs?.reduce((sum, ns) => sum + ns, 0) ?? null;
  return {
    rate: (requests * 1000) / durationMs,
    cpuUs: replicas === null ? null : (replicas + (redisCpuNs ?? 0)) / 1000 / requests,
    flags: [...saturationFlags(tally, cores), ...warmUps.flags(tally.key)],
  };
}

function wrongText({ requests, unexpected, failed }: Tally): string {
  return `${requests} requests, ${unexpected} unexpected answers, ${failed} failed`;
}

/**
 * @param starts the blocks of each fresh start
 *
 * @throws {TollgateError} if a number of connections has no block at all
 */
export function loopFindings(starts: readonly (readonly LoopBlock[])[], seed: number): Finding[] {
  return [...LEVELS.flatMap((level) => levelFindings(starts, level, seed)), ...limitFindings(starts)];
}

function levelFindings(starts: readonly (readonly LoopBlock[])[], level: Level, seed: number): Finding[] {
  const blocks = starts.map((all) => all.filter((block) => block.level === level)).filter((all) => all.length > 0);
  if (blocks.length === 0) {
    throw runError(
      `no window at ${level} connections was without a wrong answer`,
      'run it again while no other program is busy',
    );
  }
  const rates = (arm: 'session' | 'token') => blocks.map((start) => start.map((block) => block[arm].rate));
  const ratios = blocks.map((start) =>
    start.map(({ session, token }) => ({ value: session.rate, baseline: token.rate })),
  );
  const costs = blocks.map((start) =>
    start.flatMap(({ session, token }) =>
      session.cpuUs === null || token.cpuUs === null ? [] : [{ value: session.cpuUs, baseline: token.cpuUs }],
    ),
  );
  return [
    finding(`session-rate-${level}`, estimate(rates('session'), { seed, statistic: 'geomean' })),
    finding(`token-rate-${level}`, estimate(rates('token'), { seed, statistic: 'geomean' })),
    finding(`session-over-token-${level}`, pairedRatio(ratios, { seed })),
    ...(costs.every((start) => start.length > 0)
      ? [finding(`session-cpu-over-token-${level}`, pairedRatio(costs, { seed }))]
      : []),
  ];
}

/**
 * How often the generator or the machine was the limit instead of the server, and how often the server was not warm
 * yet.
 */
function limitFindings(starts: readonly (readonly LoopBlock[])[]): Finding[] {
  const loaded = starts.flat().filter(({ level }) => level > 1);
  const windows = loaded.flatMap(({ session, token }) => [session, token]);
  const names = ['generator-saturated', 'oversubscribed', 'not-warm'] as const;
  return names.map((name) => {
    const share = proportion(windows.filter(({ flags }) => flags.includes(name)).length, windows.length);
    const { value, low, high } = share;
    return finding(name, { ...share, value: 100 * value, low: 100 * low, high: 100 * high, forks: starts.length });
  });
}

async function blocksOf(
  fleets: readonly Fleet[],
  generator: Generator,
  random: ReturnType<typeof createRandom>,
  { signal, onStep }: ReplayContext,
): Promise<LoopBlock[]> {
  const cores = readUsableCores().usable;
  await generator.ask(
    'open',
    fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
  );
  const warmUps = await warmUp(generator, { timeoutMs: WARM_UP_MS, note: onStep });
  await generator.ask('open', []);
  const attempt = async (arm: string, connections: number): Promise<LoopSample | null> => {
    signal.throwIfAborted();
    const fleet = fleets.find(({ spec }) => spec.key === arm);
    if (fleet === undefined) throw new RangeError(`no fleet ${arm}`);
    const target = targetOf(fleet, meRequests(fleet));
    const tally = await generator.ask('closed', { target, connections, rampMs: RAMP_MS, windowMs: WINDOW_MS });
    const sample = sampleOf(tally, cores, warmUps);
    if (sample === null) onStep(`${arm}, ${connections} connections: ${wrongText(tally)}`);
    return sample;
  };
  /** A window in which an answer was wrong is repeated once, and then left out with its block. */
  const loop = async (arm: string, connections: number) =>
    (await attempt(arm, connections)) ?? (await attempt(arm, connections));
  const blocks: LoopBlock[] = [];
  for (let block = 0; block < BLOCKS; block++) {
    for (const level of random.shuffle([...LEVELS])) {
      const found = new Map<string, LoopSample | null>();
      for (const arm of random.shuffle([...ARMS])) found.set(arm, await loop(arm, level));
      const [session, token] = [found.get(SESSION) ?? null, found.get(TOKEN) ?? null];
      if (session !== null && token !== null) blocks.push({ level, session, token });
      else onStep(`a block at ${level} connections is left out`);
    }
  }
  return blocks;
}

export const loops: Replay = {
  name: 'loops',
  title: 'Closed loops on whole servers',
  method:
    `A closed loop on ${list(LEVELS.map(String))} connections reads GET /me from one replica of ${SESSION} and one of ${TOKEN}, both ` +
    'Fastify on this machine. The load has a process of its own, and every answer is checked: a window with a wrong one is repeated once, then left out. ' +
    `Windows of ${WINDOW_MS / 1000} s follow each other in random order: ${BLOCKS} of each in each of ${STARTS} fresh starts, ` +
    'after a warm-up that lasts until V8 has optimised both servers.',
  seconds: 130,
  finds: [
    ...LEVELS.flatMap((level) => [
      `session-rate-${level}` as const,
      `token-rate-${level}` as const,
      `session-over-token-${level}` as const,
      `session-cpu-over-token-${level}` as const,
    ]),
    'generator-saturated',
    'oversubscribed',
    'not-warm',
  ],
  async run(context) {
    const { janitor, seed, onStep } = context;
    const generator = startGenerator(janitor);
    return thenEnding(
      async () => {
        const starts: LoopBlock[][] = [];
        for (let start = 0; start < STARTS; start++) {
          onStep(`closed loops, fresh start ${start + 1} of ${STARTS}`);
          const random = createRandom(seed).derive(`published loops ${start}`);
          const work = (fleets: readonly Fleet[]) => blocksOf(fleets, generator, random, context);
          starts.push(await withFleets(context, ARMS, Math.max(...LEVELS), work));
        }
        return loopFindings(starts, seed);
      },
      () => generator.stop(),
    );
  },
};
