/**
 * Where a credential stops fitting: a browser's limit of one cookie, and Node's of a request's headers. Found by asking:
 * users with more and more roles log in and read `GET /me` with what they were given.
 */
import type { ArmInfo } from '../../../servers/contract.ts';
import { ROUTES } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import type { User } from '../../fleet/secrets.ts';
import { grantOf, LoginError, loginBytes } from '../../load/clients/credential.ts';
import { type Address, Connection } from '../../load/connection/connection.ts';
import { requestBytes } from '../../load/connection/request.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { rolesUpTo } from './roles.ts';

/** Name and value together; a browser drops the cookie beyond (RFC 6265bis §5.6). */
const COOKIE_LIMIT_BYTES = 4096;
/** Users that know each number of roles in one fleet; below what a run makes. */
const POINTS = 48;
/** Roles between two points of the first pass, which so reaches some 1,500. */
const STEP = 32;

export const LIMITS = ['cookie', 'header'] as const;
export type Limit = (typeof LIMITS)[number];

export interface Fit {
  readonly roles: number;
  readonly fits: Readonly<Record<Limit, boolean>>;
  /** Whether the credential is a cookie at all. */
  readonly cookie: boolean;
}

/** The last number of roles that fits before the first that does not. Pure. */
export function boundary(
  points: readonly Fit[],
  limit: Limit,
): { readonly fits: number; readonly fails: number | null } {
  let last = 0;
  for (const { roles, fits } of points.toSorted((a, b) => a.roles - b.roles)) {
    if (!fits[limit]) return { fits: last, fails: roles };
    last = roles;
  }
  return { fits: last, fails: null };
}

/** Whether what a login gives this user is kept by a browser, and taken by the server. */
async function tryUser(address: Address, user: User, roles: number): Promise<Fit> {
  const connection = await Connection.open(address);
  try {
    const reply = await connection.request(loginBytes(address, { username: user.username, password: user.password }));
    const grant = grantOf(reply);
    if (grant === null) throw new LoginError(`POST /login of a user with ${roles} roles answered ${reply.status}`);
    const me = await connection.request(requestBytes(address, { ...ROUTES.me, headers: grant.headers }));
    // Whether a login reply that sets so large a cookie arrives is the client's affair: it did here.
    const longest = Math.max(0, ...grant.cookies.map((cookie) => cookie.length - 1));
    if (me.status !== 200 && me.status !== 431) {
      throw new LoginError(`GET /me of a user with ${roles} roles answered ${me.status}`);
    }
    return {
      roles,
      cookie: grant.cookies.length > 0,
      fits: { cookie: longest <= COOKIE_LIMIT_BYTES, header: me.status === 200 },
    };
  } finally {
    connection.close();
  }
}

/** Every user of a fleet, whose number of roles is known by its index. */
async function tryFleet(fleet: Fleet, numbers: readonly number[]): Promise<Fit[]> {
  const [replica] = fleet.replicas;
  const points: Fit[] = [];
  for (const [i, roles] of numbers.entries()) {
    const user = fleet.users[i];
    if (replica && user) points.push(await tryUser(replica.address, user, roles));
  }
  return points;
}

function spec(arm: ArmInfo, numbers: readonly number[]): FleetSpec {
  return {
    key: arm.name,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    users: 0,
    rolesOf: (index) => rolesUpTo(numbers[index] ?? 0),
  };
}

interface Search {
  readonly arm: ArmInfo;
  readonly points: Fit[];
}

async function pass(
  context: ExperimentContext,
  fork: number,
  searches: readonly Search[],
  numbersOf: (search: Search) => readonly number[],
): Promise<void> {
  const asked = searches.flatMap((search) => {
    const numbers = numbersOf(search);
    return numbers.length === 0 ? [] : [{ search, numbers }];
  });
  if (asked.length === 0 || context.signal.aborted) return;
  const specs = asked.map(({ search, numbers }) => spec(search.arm, numbers));
  await context.withFork(fork, specs, async ({ fleets }) => {
    for (const { search, numbers } of asked) {
      const fleet = fleets.find(({ spec: { key } }) => key === search.arm.name);
      if (fleet && !context.signal.aborted) search.points.push(...(await tryFleet(fleet, numbers)));
    }
  });
}

/** The numbers within an arm's open brackets. */
function within(points: readonly Fit[]): number[] {
  const inside = LIMITS.flatMap((limit) => {
    const { fits, fails } = boundary(points, limit);
    return fails === null ? [] : Array.from({ length: fails - fits - 1 }, (_, i) => fits + 1 + i);
  });
  return [...new Set(inside)];
}

/** Searches by two passes, the second within the brackets that the first found, and records a slice for each arm and limit. */
export async function findLimits(context: ExperimentContext): Promise<void> {
  const searches = context.arms.filter(({ baseline }) => !baseline).map((arm): Search => ({ arm, points: [] }));
  const coarse = Array.from({ length: POINTS }, (_, i) => i * STEP);
  context.progress({ step: 'searching where credentials stop fitting' });
  const firstFork = context.nextFork();
  await pass(context, firstFork, searches, () => coarse);
  await pass(context, firstFork + 1, searches, ({ points }) => within(points));
  if (context.signal.aborted) return;
  for (const { arm, points } of searches) {
    for (const [order, limit] of LIMITS.entries()) {
      if (limit === 'cookie' && !points.some(({ cookie }) => cookie)) continue;
      const { fits, fails } = boundary(points, limit);
      context.record({
        fork: firstFork + 1,
        block: 0,
        order,
        arm: arm.name,
        factors: { limit },
        mode: 'count',
        durationMs: 0,
        requests: 2 * points.length,
        unexpected: 0,
        failed: 0,
        statuses: {},
        measures: { limit_roles: fits },
        flags: fails === null ? ['search-ended'] : [],
      });
    }
  }
}
