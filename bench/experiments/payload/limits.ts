/**
 * The number of roles at which a credential no longer fits: a browser's limit for one cookie, and Node's for a
 * request's headers. It is found by trial: users with more and more roles log in and read `GET /me` with their
 * credential.
 */
import type { ArmInfo } from '../../../servers/contract.ts';
import { ROUTES } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import type { User } from '../../fleet/secrets.ts';
import { grantOf, LoginError, loginRequest, proofKeyFor } from '../../load/clients/credential.ts';
import { type Address, Connection } from '../../load/connection/connection.ts';
import { requestBytes } from '../../load/connection/request.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { rolesUpTo } from './roles.ts';

/** Name and value together; a browser drops a larger cookie (RFC 6265bis §5.6). */
const COOKIE_LIMIT_BYTES = 4096;
/** Users with distinct numbers of roles in one fleet; fewer than a run has. */
const POINTS = 48;
/** Roles between two points of the first pass, which therefore reaches some 1,500. */
const STEP = 32;

export const LIMITS = ['cookie', 'header'] as const;
export type Limit = (typeof LIMITS)[number];

/** Logins of each user whose credentials vary in length: a sealed cookie has a random number of escapes. */
const LOGINS = 12;
/** If this many logins have equal lengths, all have. */
const ALIKE = 3;

/** How many of one user's logins fit. */
export type Fits = 'all' | 'some' | 'none';

export interface Fit {
  readonly roles: number;
  readonly fits: Readonly<Record<Limit, Fits>>;
  /** Whether the credential is a cookie at all. */
  readonly cookie: boolean;
}

export interface Boundary {
  /** The last number of roles before the first of which a login does not fit. */
  readonly fits: number;
  /** The largest number below `fails` for which some login fits. */
  readonly atMost: number;
  /** The lowest number for which no login fits; null if there is none. */
  readonly fails: number | null;
}

/** Pure. */
export function boundary(points: readonly Fit[], limit: Limit): Boundary {
  let fits = 0;
  let atMost = 0;
  let isCertain = true;
  for (const { roles, fits: found } of points.toSorted((a, b) => a.roles - b.roles)) {
    if (found[limit] === 'none') return { fits, atMost, fails: roles };
    atMost = roles;
    isCertain &&= found[limit] === 'all';
    if (isCertain) fits = roles;
  }
  return { fits, atMost, fails: null };
}

interface Login {
  /** The longest cookie, name and value; 0 without any. */
  readonly cookieBytes: number;
  readonly requestBytes: number;
  /** Only escaping makes credentials of one user differ in length. */
  readonly isEscaped: boolean;
  readonly isTaken: boolean;
}

/** Where a user logs in. */
interface Place {
  readonly arm: ArmInfo;
  readonly address: Address;
}

/** Whether a browser stores the credential of one login of this user, and the server accepts it. */
async function tryLogin(connection: Connection, { arm, address }: Place, user: User, roles: number): Promise<Login> {
  const { username, password } = user;
  const proofKey = proofKeyFor(arm);
  const reply = await connection.request(requestBytes(address, loginRequest({ username, password }, proofKey)));
  const grant = grantOf(reply, proofKey);
  if (grant === null) throw new LoginError(`POST /login of a user with ${roles} roles answered ${reply.status}`);
  const request = requestBytes(address, { ...ROUTES.me, headers: grant.headers });
  const me = await connection.request(request);
  if (me.status !== 200 && me.status !== 431) {
    throw new LoginError(`GET /me of a user with ${roles} roles answered ${me.status}`);
  }
  return {
    // The client limits the size of response headers; this one accepted them.
    cookieBytes: Math.max(0, ...grant.cookies.map((cookie) => cookie.length - 1)),
    requestBytes: request.length,
    isEscaped: request.includes('%'),
    isTaken: me.status === 200,
  };
}

/** Tries as many logins of a user as needed, each on a separate connection, because a refused request closes it. */
async function tryUser(place: Place, user: User, roles: number): Promise<Fit> {
  const logins: Login[] = [];
  while (logins.length < loginsNeeded(logins)) {
    const connection = await Connection.open(place.address);
    try {
      logins.push(await tryLogin(connection, place, user, roles));
    } finally {
      connection.close();
    }
  }
  return {
    roles,
    cookie: logins.some(({ cookieBytes }) => cookieBytes > 0),
    fits: {
      cookie: share(logins.map(({ cookieBytes }) => cookieBytes <= COOKIE_LIMIT_BYTES)),
      header: share(logins.map(({ isTaken }) => isTaken)),
    },
  };
}

function loginsNeeded(logins: readonly Login[]): number {
  if (!logins.some(({ isEscaped }) => isEscaped)) return 1;
  return new Set(logins.map(({ requestBytes }) => requestBytes)).size > 1 ? LOGINS : ALIKE;
}

function share(fits: readonly boolean[]): Fits {
  if (fits.every((one) => one)) return 'all';
  return fits.some((one) => one) ? 'some' : 'none';
}

/** Tries every user of a fleet; the index gives the number of roles. */
async function tryFleet(fleet: Fleet, numbers: readonly number[]): Promise<Fit[]> {
  const [replica] = fleet.replicas;
  const points: Fit[] = [];
  for (const [i, roles] of numbers.entries()) {
    const user = fleet.users[i];
    if (replica && user) points.push(await tryUser({ arm: fleet.spec.arm, address: replica.address }, user, roles));
  }
  return points;
}

function spec(arm: ArmInfo, numbers: readonly number[]): FleetSpec {
  return {
    key: arm.name,
    arm,
    replicas: 1,
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

/** The most users of a run in one fleet. */
const MOST_AT_ONCE = 60;

/** The untried numbers within an arm's open brackets, limited to the users of a fleet. */
function within(points: readonly Fit[]): number[] {
  const inside = LIMITS.flatMap((limit) => {
    const { fits, fails } = boundary(points, limit);
    return fails === null ? [] : Array.from({ length: fails - fits - 1 }, (_, i) => fits + 1 + i);
  });
  const tried = points.map(({ roles }) => roles);
  return [...new Set(inside)].filter((roles) => !tried.includes(roles)).slice(0, MOST_AT_ONCE);
}

/** Searches in passes, each within the brackets of the previous one, and records a slice for each arm and limit. */
export async function findLimits(context: ExperimentContext): Promise<void> {
  const searches = context.arms.filter(({ baseline }) => !baseline).map((arm): Search => ({ arm, points: [] }));
  const coarse = Array.from({ length: POINTS }, (_, i) => i * STEP);
  context.progress({ step: 'searching for the largest credential that fits' });
  const firstFork = context.nextFork();
  await pass(context, firstFork, searches, () => coarse);
  // Brackets are wider if only some logins of a number fit.
  for (const _ of ['most', 'what is left']) {
    await pass(context, firstFork + 1, searches, ({ points }) => within(points));
  }
  if (context.signal.aborted) return;
  for (const { arm, points } of searches) {
    for (const [order, limit] of LIMITS.entries()) {
      if (limit === 'cookie' && !points.some(({ cookie }) => cookie)) continue;
      const { fits, atMost, fails } = boundary(points, limit);
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
        measures: { limit_roles: fits, limit_roles_at_most: atMost },
        flags: fails === null ? ['search-ended'] : [],
      });
    }
  }
}
