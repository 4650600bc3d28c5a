/**
 * Fleets that already run elsewhere, such as in containers: a file gives the addresses of each arm's replicas, and
 * the users. They follow the contract, but they cannot be restarted, and their CPU time cannot be read here.
 */
import type { Static } from 'typebox';
import { environmentError, messageOf, runError } from '../../core/errors.ts';
import { type JsonFormat, readJson } from '../../core/results/json-file.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { type Credential, login } from '../load/clients/credential.ts';
import { authorityOf } from '../load/connection/authority.ts';
import type { Fleet, FleetSpec, ForeignStart } from './fleet.ts';
import { isLoopback } from './redis/url.ts';
import type { Replica } from './replica.ts';

/** An environment variable, because the file contains passwords and is not chosen by the user. */
export const PLACED_FILE = 'TOLLGATE_FLEET_FILE';

const closed = { additionalProperties: false } as const;

const PlacedAddress = Type.Object(
  { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 1, maximum: 65535 }) },
  closed,
);

export const PlacedUser = Type.Object({ username: Type.String(), password: Type.String() }, closed);
export type PlacedUser = Static<typeof PlacedUser>;

/** The file at TOLLGATE_FLEET_FILE. */
export const PlacedFile = Type.Object(
  {
    /** By the name of the arm: the addresses of its replicas, or of their balancer. */
    arms: Type.Record(Type.String(), Type.Array(PlacedAddress, { minItems: 1 })),
    /** Users as the replicas know them. */
    users: Type.Array(PlacedUser, { minItems: 1 }),
  },
  closed,
);
export type PlacedFile = Static<typeof PlacedFile>;

const AGAIN = 'bench --fleet writes that file: start the run again';
const FORMAT: JsonFormat<PlacedFile> = {
  what: 'the fleet file',
  version: null,
  check: checker(PlacedFile),
  hints: { missing: AGAIN, damaged: AGAIN, version: AGAIN },
};

export interface PlacedFleets {
  /** Start functions by the name of the arm. */
  readonly starts: ReadonlyMap<string, ForeignStart>;
  /** Notes for the journal: what that means for the figures. */
  readonly notes: readonly string[];
}

/**
 * @returns null if no file is named @throws TollgateError if it cannot be used, or names another machine without
 * permission
 */
export function readPlacedFleets(env: NodeJS.ProcessEnv): PlacedFleets | null {
  const path = env[PLACED_FILE];
  if (!path) return null;
  const { arms, users } = readJson(path, FORMAT);
  const entries = Object.entries(arms);
  const remote = entries.flatMap(([, at]) => at).find(({ host }) => !isLoopback(host));
  if (remote !== undefined && env.TOLLGATE_ALLOW_REMOTE !== '1') {
    throw environmentError(
      `${PLACED_FILE} refers to ${remote.host}, which is not this machine`,
      'set TOLLGATE_ALLOW_REMOTE=1 if you are allowed to load it',
    );
  }
  const counts = entries.map(([arm, at]) => `${arm} at ${at.length === 1 ? 'one address' : `${at.length} addresses`}`);
  return {
    starts: new Map(entries.map(([arm, at]) => [arm, placedStart(at, users)])),
    notes: [
      `The replicas ran elsewhere, in containers (${counts.join(', ')}); their CPU time was not read.`,
      'The replicas were started once: each shard is one fresh start.',
    ],
  };
}

/** @param addresses all of them are loaded, whatever the number of replicas */
function placedStart(addresses: PlacedFile['arms'][string], users: readonly PlacedUser[]): ForeignStart {
  return async (_environment, spec) => {
    const { arm } = spec;
    if (users.length < spec.users) {
      throw environmentError(`${spec.users} users are needed, but the fleet file has ${users.length}`, AGAIN);
    }
    const credentials = await logInAll(spec, addresses, users);
    const refuse = async (): Promise<never> => {
      throw runError(`the replicas of ${arm.name} run elsewhere`, 'omit this experiment');
    };
    const replicas = addresses.map((address): Replica => {
      // The processes are not on this machine: a pid that does not exist.
      const nowhere = { pid: 0, pids: () => [] };
      return {
        arm: arm.name,
        ...nowhere,
        address: { ...address },
        telemetry: refuse,
        startProfile: refuse,
        stopProfile: refuse,
        stop: async () => {},
      };
    });
    const fleet: Fleet = {
      spec,
      replicas,
      redis: null,
      proxy: null,
      credentials,
      users: [],
      replaceReplica: refuse,
      startWithKeys: refuse,
      applyShares: () => {},
      limitRedis: () => {},
      stop: async () => {},
    };
    return fleet;
  };
}

/** Each address issues some of the credentials, and all accept them. */
async function logInAll(
  { arm, users: count }: FleetSpec,
  addresses: PlacedFile['arms'][string],
  users: readonly PlacedUser[],
): Promise<Credential[]> {
  const credentials: Credential[] = [];
  for (const [i, user] of users.slice(0, count).entries()) {
    const address = addresses[i % addresses.length];
    if (address === undefined) continue;
    try {
      credentials.push(await login(address, user, { baseline: arm.baseline }));
    } catch (error) {
      throw runError(
        `logging in to ${arm.name} fails at ${authorityOf(address)}: ${messageOf(error)}`,
        'see the logs of its replicas; they may have different keys from this run',
      );
    }
  }
  return credentials;
}
