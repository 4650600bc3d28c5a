/** Counts the resources of one `GET /me`: one request at a time, in a separate process. */

import type { Fleet, FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import type { Replica } from '../../bench/fleet/replica.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { thenEnding } from '../../core/errors.ts';
import { type GuardCounts, lowMedian } from './counts.ts';
import { meanLength } from './lengths.ts';
import { openRequester, type Requester } from './requester.ts';

/**
 * Cookies vary in length, because some characters are escaped, and longer ones cost more to read. Requests are sent
 * with the shortest of this many logins; bytes are those of all.
 */
export const GUARD_USERS = 100;
/** Requests before counting starts, which fill caches, compile code to bytecode, and collect its type feedback. */
const WARM_UP = 400;
const SHORT = 50;
const LONG = 150;
const REPEATS = 7;

/**
 * What optimised code allocates depends on when it was optimised, which differs from start to start; what the
 * interpreter allocates does not. With room for new objects, most stretches contain no garbage collection, so that the
 * heap grows by exactly what was allocated.
 */
const REPEATABLE = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
];
/**
 * @param environment with more than `GUARD_USERS` users
 * @throws TollgateError if the server does not start, or breaks the contract
 */
export async function countGuards(
  environment: FleetEnvironment,
  arm: FleetSpec['arm'],
  program: FleetSpec['program'],
): Promise<GuardCounts> {
  const fleet = await startFleet(environment, {
    key: `guards-${arm.name}`,
    arm,
    replicas: 1,
    users: GUARD_USERS,
    program: { ...program, execArgv: REPEATABLE },
  });
  return thenEnding(
    () => count(fleet),
    () => fleet.stop(),
  );
}

async function count(fleet: Fleet): Promise<GuardCounts> {
  const [replica] = fleet.replicas;
  if (!replica) throw new Error('a fleet has a replica');
  const asker = await openRequester(fleet);
  try {
    await asker.ask(WARM_UP);
    const { redis } = fleet;
    const commandsBefore = redis && !redis.shared ? await redis.commands() : null;
    const answeredBefore = asker.responseBytes.length;
    const slopes: Readings[] = [];
    for (let i = 0; i < REPEATS; i++) slopes.push(await slope(replica, asker));
    const answered = asker.responseBytes.length - answeredBefore;
    const commands = redis && commandsBefore !== null ? ((await redis.commands()) - commandsBefore) / answered : null;
    return {
      redis_commands_per_request: fleet.spec.arm.usesRedis ? commands : 0,
      request_bytes: meanLength(asker.lengths),
      lengths: asker.lengths,
      response_bytes: lowMedian(asker.responseBytes.slice(answeredBefore)),
      set_cookies_per_request: lowMedian(asker.setCookies.slice(answeredBefore)),
      loop_turns_per_request: middle(slopes.map(({ loopTurns }) => loopTurns)),
      allocated_bytes_per_request: middle(slopes.map(({ allocatedBytes }) => allocatedBytes)),
    };
  } finally {
    asker.close();
  }
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : lowMedian(known);
}

interface Readings {
  readonly loopTurns: number | null;
  readonly allocatedBytes: number | null;
}

/** The counts of a request: the long stretch minus the short one, so that the overhead of reading cancels. */
async function slope(replica: Replica, asker: Requester): Promise<Readings> {
  const start = await replica.telemetry();
  await asker.ask(SHORT);
  const middle = await replica.telemetry();
  await asker.ask(LONG);
  const end = await replica.telemetry();
  const per = (a: number, b: number, c: number) => (c - b - (b - a)) / (LONG - SHORT);
  const turns = [start, middle, end].map(({ loopTurns }) => loopTurns).filter((count) => count !== undefined);
  const [first, second, third] = turns;
  return {
    loopTurns: first === undefined || second === undefined || third === undefined ? null : per(first, second, third),
    allocatedBytes:
      start.gcCount === end.gcCount ? per(start.heapUsedBytes, middle.heapUsedBytes, end.heapUsedBytes) : null,
  };
}
