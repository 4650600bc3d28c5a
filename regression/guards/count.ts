/** Counts what one `GET /me` costs: one request at a time, in a process of its own. */

import { type Fleet, type FleetEnvironment, type FleetSpec, startFleet } from '../../bench/fleet/fleet.ts';
import type { Replica } from '../../bench/fleet/replica.ts';
import type { Credential } from '../../bench/load/clients/credential.ts';
import { type Address, Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { headerValues } from '../../bench/load/connection/response.ts';
import { runError } from '../../core/errors.ts';
import { ROUTES } from '../../servers/contract.ts';
import { type GuardCounts, lowMedian } from './counts.ts';

/**
 * Signed cookies vary in length by a few bytes, because some characters are escaped, and longer ones cost more to read.
 * Among this many logins the shortest cookie is as short as any, so that equal builds give equal numbers.
 */
export const GUARD_USERS = 100;
/** Requests before counting starts: they fill caches, compile code to bytecode, and show it its types of arguments. */
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
/** Bytes of a request are counted with one address, whatever port the server got. */
const ADDRESS = { host: '127.0.0.1', port: 10_000 };

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
    replicaShare: null,
    redisShare: null,
    users: GUARD_USERS,
    program: { ...program, execArgv: REPEATABLE },
  });
  try {
    return await count(fleet);
  } finally {
    await fleet.stop();
  }
}

class Asker {
  readonly #connection: Connection;
  readonly #bytes: Buffer;
  readonly #expected: string;
  readonly responseBytes: number[] = [];
  readonly setCookies: number[] = [];

  constructor(connection: Connection, bytes: Buffer, expected: string) {
    this.#connection = connection;
    this.#bytes = bytes;
    this.#expected = expected;
  }

  async ask(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const response = await this.#connection.request(this.#bytes);
      if (response.status !== 200 || response.body.toString() !== this.#expected) {
        throw runError(
          `GET /me answered ${response.status} while requests were counted`,
          'check that the server keeps the contract: npm run gate',
        );
      }
      this.responseBytes.push(response.bytes);
      this.setCookies.push(headerValues(response.head, 'set-cookie').length);
    }
  }
}

async function count(fleet: Fleet): Promise<GuardCounts> {
  const [replica] = fleet.replicas;
  const ask = ({ headers }: Credential, address: Address) => requestBytes(address, { ...ROUTES.me, headers });
  const length = (credential: Credential) => ask(credential, ADDRESS).length;
  const [credential] = fleet.credentials.toSorted((a, b) => length(a) - length(b));
  if (!replica || !credential) throw new Error('a fleet has a replica and a credential');
  const connection = await Connection.open(replica.address);
  try {
    const asker = new Asker(connection, ask(credential, replica.address), credential.meBody);
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
      request_bytes: length(credential),
      response_bytes: lowMedian(asker.responseBytes.slice(answeredBefore)),
      set_cookies_per_request: lowMedian(asker.setCookies.slice(answeredBefore)),
      loop_turns_per_request: middle(slopes.map(({ loopTurns }) => loopTurns)),
      allocated_bytes_per_request: middle(slopes.map(({ allocatedBytes }) => allocatedBytes)),
    };
  } finally {
    connection.close();
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

/** What a request adds: the long stretch minus the short one, so that the cost of asking cancels out. */
async function slope(replica: Replica, asker: Asker): Promise<Readings> {
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
