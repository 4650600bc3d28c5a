/** How a comparison spends its time: how many fresh starts, and how long each. Pure. */
import { OPTIMISED_REQUESTS } from '../../bench/processes/optimised.ts';
import type { Pace } from './fork.ts';

/** Roughly, to start the servers of a fork and log in. */
const START_SECONDS_PER_SIDE = 0.8;
/** Roughly, in one turn. */
const TURN_SECONDS = 0.0045;
/**
 * Turns of 50 requests: shorter than those that measure a cost, since what a turn's start costs is the same on both
 * sides, and pairs that are nearer in time share more of the machine's state.
 */
const BATCHES_PER_TURN = 5;
/**
 * So many forks should fit: two starts of the same server differ by some 1.3 %, since a JIT settles differently each
 * time, which no longer fork would average out.
 */
const WANTED_FORKS = 9;
/**
 * A server that is still being optimised differs from itself by some 15 % from start to start, a warm one by 2 to 3 %: where
 * time is short there are fewer forks, and not colder ones. For each side.
 */
const LEAST_WARM_UP_MS = 2_500;
/**
 * So many leave a fork's ratio uncertain by 0.8 % (jwt-hs256, two cores): beside what starts differ by, more would tell little
 * for what they take, and a further start more.
 */
const MOST_TURNS = 180;
/** By 1.1 %: fewer would save next to nothing beside what a start takes. */
const FEWEST_TURNS = 90;

/**
 * @param sides that are loaded together
 * @param optimised whether every side has `ALIKE_OPTIMISED`
 */
export function paceFor(budgetSeconds: number, sides: number, optimised: keyof typeof OPTIMISED_REQUESTS): Pace {
  const perFork = budgetSeconds / WANTED_FORKS;
  const afterStart = Math.max(0.5, perFork - START_SECONDS_PER_SIDE * sides);
  const turns = Math.round((afterStart * 0.5) / (TURN_SECONDS * sides));
  return {
    warmUpRequests: OPTIMISED_REQUESTS[optimised],
    warmUpMs: Math.max(LEAST_WARM_UP_MS * sides, afterStart * 1000 * 0.5),
    turns: Math.min(MOST_TURNS, Math.max(FEWEST_TURNS, turns)),
    batchesPerTurn: BATCHES_PER_TURN,
  };
}
