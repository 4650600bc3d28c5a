/**
 * Approximate solution for many users by Linearizer (Chandy & Neuse 1982): within a percent or two of the exact answer
 * wherever both can be computed. A queue with several servers is taken for one server of their joint speed and a delay for
 * the rest of the service (Seidmann et al. 1987), which is less accurate at medium load.
 */
import { MixError, type MixNetwork, type Solved } from './network.ts';

/** Iterations of Linearizer, as recommended by its authors. */
const ROUNDS = 3;
/** Relative tolerance of the fixed point. */
const TOLERANCE = 1e-10;
const MOST_STEPS = 10_000;
/** Steps that are accelerated; more mean that acceleration does not help. */
const MOST_ACCELERATED = 1000;
/** Earlier steps that acceleration looks at. */
const MEMORY = 5;

/** Numbers by class and station, one class after the other. */
type Table = Float64Array;

export function linearizer(network: MixNetwork): Solved {
  const { stations, users, demands, think } = network;
  const most = users.reduce((sum, each) => sum + each, 0);
  const servers = stations.map(({ speed, isDelay }) => (speed === null || isDelay ? 1 : fullSpeed(speed, most)));
  const shares = stations.map(({ isDelay, copies }) => (isDelay ? 0 : 1 / copies));
  const queued = demands.map((row) => Float64Array.from(row, (demand, k) => demand / (servers[k] as number)));
  const spent = demands.map((row, c) =>
    row.reduce((sum, demand, k) => sum + demand - (queued[c]?.[k] as number), think[c] as number),
  );
  const solved = solve({ shares, users, demands: queued, spent });
  return {
    throughput: solved.throughput,
    residence: solved.residence.map((row, c) =>
      row.map((time, k) => time + (demands[c]?.[k] as number) - (queued[c]?.[k] as number)),
    ),
  };
}

/** The highest speed that is reached with these users; below 1 if it only falls. */
function fullSpeed(speed: (present: number) => number, most: number): number {
  let best = 0;
  for (let present = 1; present <= most; present++) best = Math.max(best, speed(present));
  return best;
}

interface SingleServers {
  /** The part of the requests at a station that delays another one: 0 at a delay. */
  readonly shares: readonly number[];
  readonly users: readonly number[];
  readonly demands: readonly Float64Array[];
  /** Time of each class that is no queueing: thinking, and service beyond that of the joint server. */
  readonly spent: readonly number[];
}

function solve(network: SingleServers) {
  const { users, shares } = network;
  const size = shares.length;
  // How the share of a class at a station changes if a user of class j is removed: one table for each j.
  const changes = users.map(() => new Float64Array(users.length * size));
  const reduced = users.map((_, j) => users.map((count, c) => count - (c === j ? 1 : 0)));
  let whole: Table = Float64Array.from({ length: users.length * size }, (_, i) => {
    return (users[Math.floor(i / size)] as number) / size;
  });
  let without: Table[] | null = null;
  for (let round = 0; round < ROUNDS - 1; round++) {
    whole = settle(network, users, whole, changes).queues;
    // Without one user, the queues are nearly the same.
    const starts: readonly Table[] = without ?? reduced.map((counts) => scaledTo(counts, users, whole, size));
    without = reduced.map((counts, j) => settle(network, counts, starts[j] as Table, changes).queues);
    for (const [j, counts] of reduced.entries()) {
      const table = changes[j] as Table;
      for (const [c, fewer] of counts.entries()) {
        for (let k = 0; k < size; k++) {
          const at = c * size + k;
          const before = (whole[at] as number) / (users[c] as number);
          table[at] = fewer > 0 ? (without[j]?.[at] as number) / fewer - before : 0;
        }
      }
    }
  }
  return settle(network, users, whole, changes);
}

const scaledTo = (counts: readonly number[], users: readonly number[], table: Table, size: number): Table =>
  table.map((value, i) => {
    const c = Math.floor(i / size);
    return (value * (counts[c] as number)) / (users[c] as number);
  });

interface Settled {
  readonly throughput: number[];
  readonly residence: number[][];
  readonly queues: Table;
}

/**
 * The fixed point for these user counts, given how shares change with one user less (Schweitzer 1979, with corrections).
 * Where two stations are nearly balanced, plain iteration takes thousands of steps, so it is accelerated by the changes of
 * the last few (Anderson 1965). @throws {MixError} if it does not settle
 */
function settle(network: SingleServers, counts: readonly number[], first: Table, changes: readonly Table[]): Settled {
  const { shares, demands, spent } = network;
  const size = shares.length;
  const throughput = counts.map(() => 0);
  const residence = counts.map(() => new Array<number>(size).fill(0));
  /** One step; returns the largest change of a share. */
  const step = (queues: Table, next: Table): number => {
    let moved = 0;
    for (const [j, own] of counts.entries()) {
      const row = residence[j] as number[];
      const change = changes[j] as Table;
      let time = spent[j] as number;
      for (let k = 0; k < size; k++) {
        let present = 0;
        for (let c = 0; c < counts.length; c++) {
          const count = counts[c] as number;
          if (count === 0) continue;
          const share = (queues[c * size + k] as number) / count + (change[c * size + k] as number);
          present += (count - (c === j ? 1 : 0)) * Math.max(0, share);
        }
        row[k] = (demands[j]?.[k] as number) * (1 + (shares[k] as number) * present);
        time += row[k] as number;
      }
      const rate = own / time;
      throughput[j] = rate;
      for (let k = 0; k < size; k++) {
        const at = j * size + k;
        next[at] = rate * (row[k] as number);
        if (own > 0) moved = Math.max(moved, Math.abs((next[at] as number) - (queues[at] as number)) / own);
      }
    }
    return moved;
  };
  const memory: Step[] = [];
  let queues = first;
  let last = Number.POSITIVE_INFINITY;
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    const next = new Float64Array(queues.length);
    const moved = step(queues, next);
    if (moved < TOLERANCE) return { throughput, residence, queues: next };
    if (moved > 2 * last) memory.length = 0;
    last = moved;
    memory.push({ next, residual: next.map((value, i) => value - (queues[i] as number)) });
    if (memory.length > MEMORY) memory.shift();
    queues = (taken < MOST_ACCELERATED ? accelerated(memory) : null) ?? next;
  }
  throw new MixError('the approximation does not settle: take fewer users and the method exact');
}

interface Step {
  readonly next: Table;
  /** How far the step went. */
  readonly residual: Table;
}

/** The combination of the last steps whose residual would be the smallest; null if it is no set of queues. */
function accelerated(memory: readonly Step[]): Table | null {
  const last = memory.at(-1);
  if (last === undefined || memory.length < 2) return null;
  // The latest first: they say most.
  const earlier = memory.slice(0, -1).reverse();
  const changes = earlier.map(({ residual }) => last.residual.map((value, i) => value - (residual[i] as number)));
  const weights = leastWeights(changes, last.residual);
  const found = Float64Array.from(last.next);
  for (const [m, { next }] of earlier.entries()) {
    const weight = weights[m] as number;
    for (let i = 0; i < found.length; i++) {
      found[i] = (found[i] as number) - weight * ((last.next[i] as number) - (next[i] as number));
    }
  }
  return found.every((value) => value >= 0 && Number.isFinite(value)) ? found : null;
}

/**
 * The weights of a few columns that leave the least of a table, by the normal equations (Cholesky): the fixed point does not
 * depend on their last digits. A column that adds nothing to those before it gets no weight.
 */
function leastWeights(columns: readonly Table[], table: Table): number[] {
  const weights = columns.map(() => 0);
  /** The columns that count, and the rows of their triangle. */
  const kept: number[] = [];
  const rows: number[][] = [];
  const right: number[] = [];
  for (const [i, column] of columns.entries()) {
    const row: number[] = [];
    for (const [j, other] of kept.entries()) {
      const before = rows[j] as number[];
      row.push((dot(column, columns[other] as Table) - dot(row, before)) / (before[j] as number));
    }
    const length = dot(column, column);
    const left = length - dot(row, row);
    if (!(left > 1e-10 * length)) continue;
    const pivot = Math.sqrt(left);
    right.push((dot(column, table) - dot(row, right)) / pivot);
    rows.push([...row, pivot]);
    kept.push(i);
  }
  for (let i = kept.length - 1; i >= 0; i--) {
    let value = right[i] as number;
    for (let m = i + 1; m < kept.length; m++)
      value -= (rows[m]?.[i] as number) * (weights[kept[m] as number] as number);
    weights[kept[i] as number] = value / (rows[i]?.[i] as number);
  }
  return weights;
}

/** Over as many numbers as the first has. */
function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i] as number) * (other[i] as number);
  return sum;
}
