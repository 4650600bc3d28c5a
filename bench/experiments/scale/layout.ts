/** Which replicas a cell uses, and which user's requests go to which of them. Pure. */
import type { Fleet } from '../../fleet/fleet.ts';
import type { PreparedRequest, Target } from '../../load/protocol.ts';
import { targetTo } from '../../measuring/slices.ts';

/**
 * Consecutive replicas from a varying start. With a fixed set, a process that happens to be fast would always
 * represent the same number of replicas. @returns indices into the fleet's replicas
 */
export function subset(all: number, count: number, first: number): readonly number[] {
  return Array.from({ length: Math.min(count, all) }, (_, i) => (first + i) % all);
}

/** The replica that logged a user in: users are assigned to all replicas of a fleet in turn. */
export function homeOf(user: number, all: number): number {
  return user % all;
}

/**
 * The order in which workers take users, such that worker i, which uses the i mod N-th replica, has a user who was
 * logged in there. @returns indices of users, a whole number of rounds over the used replicas; empty if a used
 * replica has no user
 */
export function stickyOrder(users: number, all: number, used: readonly number[]): readonly number[] {
  const own = used.map((replica) =>
    Array.from({ length: users }, (_, user) => user).filter((user) => homeOf(user, all) === replica),
  );
  const rounds = Math.min(...own.map((list) => list.length));
  return Array.from({ length: rounds }, (_, round) => own.map((list) => list[round] ?? 0)).flat();
}

/** The light read of one user. */
function meRequest(fleet: Fleet, user: number): PreparedRequest[] {
  const foreign = fleet.foreign?.requests[user];
  if (foreign !== undefined) return [foreign];
  const credential = fleet.credentials[user];
  if (credential === undefined) return [];
  const { headers, meBody } = credential;
  return [{ method: 'GET', path: '/me', headers: { ...headers }, expectedStatus: 200, expectedBody: meBody }];
}

/** A critical operation of one user. */
function transferRequest(fleet: Fleet, user: number): PreparedRequest[] {
  const credential = fleet.credentials[user];
  if (credential === undefined) return [];
  const { headers, stateChangeHeaders } = credential;
  return [
    {
      method: 'POST',
      path: '/transfer',
      headers: { ...headers, ...stateChangeHeaders },
      body: { to: 'somebody', amount: 1 },
      expectedStatus: 200,
      expectedBody: null,
    },
  ];
}

/** Whether a request of a sequence is critical: the given share of them, evenly spread. */
export function isCritical(step: number, fraction: number): boolean {
  return Math.floor((step + 1) * fraction) > Math.floor(step * fraction);
}

/** Long enough for a tenth, and short. */
export const SEQUENCE = 10;

/** @param fraction of critical operations @returns `SEQUENCE` requests for each user, in their order */
export function mixedRequests(fleet: Fleet, fraction: number): PreparedRequest[] {
  return fleet.credentials.flatMap((_, user) =>
    Array.from({ length: SEQUENCE }, (_, step) =>
      isCritical(step, fraction) ? transferRequest(fleet, user) : meRequest(fleet, user),
    ).flat(),
  );
}

/** @param users whose requests, in this order */
export function requestsOf(fleet: Fleet, users: readonly number[]): PreparedRequest[] {
  return users.flatMap((user) => meRequest(fleet, user));
}

export function everyUser(fleet: Fleet): readonly number[] {
  return (fleet.foreign?.requests ?? fleet.credentials).map((_, user) => user);
}

/** Users logged in by one of the used replicas, if an arm's credentials are valid nowhere else; otherwise all. */
export function usersAt(fleet: Fleet, used: readonly number[]): readonly number[] {
  const all = everyUser(fleet);
  if (!fleet.spec.arm.needsStickyRouting) return all;
  return all.filter((user) => used.includes(homeOf(user, fleet.replicas.length)));
}

/** @param used indices of replicas, in the order of the target's addresses, or behind its balancer */
export function targetAt(fleet: Fleet, requests: PreparedRequest[], used: readonly number[]): Target {
  return targetTo(
    fleet,
    requests,
    used.flatMap((index) => fleet.replicas[index] ?? []),
  );
}

/**
 * The warm-up of a fleet: every replica gets every user and every kind of request, except for an arm that would then
 * mostly refuse.
 */
export function warmUpTarget(fleet: Fleet, critical: boolean): Target {
  const all = fleet.replicas.length;
  const used = subset(all, all, 0);
  const users = everyUser(fleet);
  const requests = fleet.spec.arm.needsStickyRouting
    ? requestsOf(fleet, stickyOrder(users.length, all, used))
    : used.flatMap((shift) =>
        requestsOf(
          fleet,
          users.map((_, i) => (i + shift) % users.length),
        ),
      );
  // A multiple of the number of replicas, so that each of them gets the same number.
  const transfers = critical
    ? users.flatMap((user) => used.flatMap(() => transferRequest(fleet, user))).slice(0, 6 * all)
    : [];
  return targetAt(fleet, [...requests, ...transfers], used);
}
