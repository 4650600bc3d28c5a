/**
 * Exact solution by normalising constants (Buzen 1973; Reiser & Kobayashi 1975), for networks with stations whose speed
 * depends on the number present, such as several servers at one queue. All terms are positive, so no digits are lost near
 * saturation, as they are in the mean value analysis of such stations. The work grows with the square of the number of mixes.
 */
import { linearizer } from './linearizer.ts';
import { type MixNetwork, mixesOf, type Solved, usersIn } from './network.ts';

/** With more users, the constants would overflow. */
export const MOST_CONVOLVED_USERS = 600;

export function convolution(network: MixNetwork): Solved {
  const { stations, users, demands, think } = network;
  const { count, strides } = mixesOf(users);
  // In units of the expected throughput, the constants neither overflow nor vanish.
  const scales = linearizer(network).throughput;
  const scaled = demands.map((row, c) => row.map((demand) => demand * (scales[c] as number)));
  const space: Space = { users, count, strides };
  let simple = delayTerm(
    space,
    think.map((time, c) => {
      const delays = stations.map(({ isDelay }, k) => (isDelay ? (demands[c]?.[k] as number) : 0));
      return (scales[c] as number) * delays.reduce((sum, delay) => sum + delay, time);
    }),
  );
  const terms = new Map<number, Float64Array>();
  for (const [k, { isDelay, copies, speed }] of stations.entries()) {
    if (isDelay) continue;
    const at = scaled.map((row) => (row[k] as number) / copies);
    if (speed !== null) terms.set(k, stationTerm(space, at, speed));
    else for (let copy = 0; copy < copies; copy++) simple = withQueue(space, simple, at);
  }
  const others = new Map(
    [...terms.keys()].map((k) => {
      const rest = [...terms].filter(([other]) => other !== k).map(([, term]) => term);
      return [k, rest.reduce((product, term) => multiplied(space, product, term), simple)] as const;
    }),
  );
  const [[first, term] = [-1, simple] as const] = terms;
  const whole = first === -1 ? simple : multiplied(space, others.get(first) as Float64Array, term);
  const rateIn = (mix: number, c: number) =>
    ((scales[c] as number) * (whole[mix - (strides[c] as number)] as number)) / (whole[mix] as number);
  const throughput = users.map((_, c) => rateIn(count - 1, c));
  const columns = stations.map(({ isDelay, copies, speed }, k) => {
    if (isDelay) return demands.map((row) => row[k] as number);
    if (speed === null)
      return queueResidence(
        space,
        demands.map((row) => row[k] as number),
        copies,
        rateIn,
      );
    const present = meansAt(space, terms.get(k) as Float64Array, others.get(k) as Float64Array, whole);
    return present.map((number, c) => number / (throughput[c] as number));
  });
  return { throughput, residence: users.map((_, c) => columns.map((column) => column[c] as number)) };
}

interface Space {
  readonly users: readonly number[];
  readonly count: number;
  readonly strides: readonly number[];
}

/** All delays and think times as one station: Π Zⁿ/n!. */
function delayTerm({ users, count, strides }: Space, delays: readonly number[]): Float64Array {
  const term = new Float64Array(count);
  term[0] = 1;
  for (let mix = 1; mix < count; mix++) {
    // The last class that has a user: each mix is reached once.
    const c = strides.findLastIndex((stride) => stride <= mix);
    const stride = strides[c] as number;
    const present = usersIn(mix, stride, users[c] as number);
    term[mix] = ((term[mix - stride] as number) * (delays[c] as number)) / present;
  }
  return term;
}

/** The sum over the classes in a mix of the demand times the term with one user less. */
function stepTo({ users, strides }: Space, term: Float64Array, demands: readonly number[], mix: number): number {
  let sum = 0;
  for (let c = 0; c < users.length; c++) {
    const stride = strides[c] as number;
    if (usersIn(mix, stride, users[c] as number) > 0) sum += (demands[c] as number) * (term[mix - stride] as number);
  }
  return sum;
}

function stationTerm(space: Space, demands: readonly number[], speed: (present: number) => number): Float64Array {
  const term = new Float64Array(space.count);
  term[0] = 1;
  for (let mix = 1; mix < space.count; mix++) {
    const present = space.users.reduce((sum, most, c) => sum + usersIn(mix, space.strides[c] as number, most), 0);
    term[mix] = stepTo(space, term, demands, mix) / speed(present);
  }
  return term;
}

/** The constants of the rest with one more single server. */
function withQueue(space: Space, rest: Float64Array, demands: readonly number[]): Float64Array {
  const constants = Float64Array.from(rest);
  for (let mix = 1; mix < space.count; mix++) {
    constants[mix] = (constants[mix] as number) + stepTo(space, constants, demands, mix);
  }
  return constants;
}

/** Whether two mixes together have no more users of any class than there are. */
function fits({ users, strides }: Space, one: number, other: number): boolean {
  for (let c = 0; c < users.length; c++) {
    const [stride, most] = [strides[c] as number, users[c] as number];
    if (usersIn(one, stride, most) + usersIn(other, stride, most) > most) return false;
  }
  return true;
}

function multiplied(space: Space, rest: Float64Array, term: Float64Array): Float64Array {
  const found = new Float64Array(space.count);
  for (let here = 0; here < space.count; here++) {
    const weight = term[here] as number;
    if (weight === 0) continue;
    for (let there = 0; here + there < space.count; there++) {
      if (fits(space, here, there)) {
        found[here + there] = (found[here + there] as number) + weight * (rest[there] as number);
      }
    }
  }
  return found;
}

/** The time of each class at a station with copies, from the numbers that it finds there in all smaller mixes. */
function queueResidence(
  { users, count, strides }: Space,
  demands: readonly number[],
  copies: number,
  rateIn: (mix: number, c: number) => number,
): number[] {
  const queue = new Float64Array(count);
  const timeIn = (mix: number, c: number) =>
    (demands[c] as number) * (1 + (queue[mix - (strides[c] as number)] as number) / copies);
  for (let mix = 1; mix < count; mix++) {
    let sum = 0;
    for (let c = 0; c < users.length; c++) {
      if (usersIn(mix, strides[c] as number, users[c] as number) > 0) sum += rateIn(mix, c) * timeIn(mix, c);
    }
    queue[mix] = sum;
  }
  return users.map((_, c) => timeIn(count - 1, c));
}

/** The mean number of each class at a station with all users. */
function meansAt(
  { users, count, strides }: Space,
  term: Float64Array,
  others: Float64Array,
  whole: Float64Array,
): number[] {
  const means = users.map(() => 0);
  for (let here = 0; here < count; here++) {
    const share = ((term[here] as number) * (others[count - 1 - here] as number)) / (whole[count - 1] as number);
    for (let c = 0; c < users.length; c++) {
      means[c] = (means[c] as number) + share * usersIn(here, strides[c] as number, users[c] as number);
    }
  }
  return means;
}
