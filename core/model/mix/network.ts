/** A closed network of several classes as its solvers take it: numbers only, by class and station. */

export interface MixStation {
  /** No queueing. */
  readonly isDelay: boolean;
  /** Equal servers with a queue each, visited with the same probability. */
  readonly copies: number;
  /** How many times as fast as one request alone this many are served at a single queue; null if that is 1. */
  readonly speed: ((present: number) => number) | null;
}

export interface MixNetwork {
  readonly stations: readonly MixStation[];
  /** Users of each class, 1 or more. */
  readonly users: readonly number[];
  /** Demands by class and station, over all copies, seconds. */
  readonly demands: readonly (readonly number[])[];
  /** Think time of each class, seconds. */
  readonly think: readonly number[];
}

export interface Solved {
  /** Completions per second, by class. */
  readonly throughput: readonly number[];
  /** Time at each station, waiting and served, by class and station, seconds. */
  readonly residence: readonly (readonly number[])[];
}

export class MixError extends Error {
  override readonly name = 'MixError';
}

/** The mixes of up to these many users of each class, numbered so that one user less of class c is `strides[c]` less. */
export function mixesOf(users: readonly number[]): { readonly count: number; readonly strides: readonly number[] } {
  const strides: number[] = [];
  let count = 1;
  for (const each of users) {
    strides.push(count);
    count *= each + 1;
  }
  return { count, strides };
}

/** The number of users of a class in a mix. */
export const usersIn = (mix: number, stride: number, most: number) => Math.floor(mix / stride) % (most + 1);
