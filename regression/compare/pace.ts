/**
 * How a comparison divides its time: the number of forks, and the duration of each. Pure. The measurements behind
 * these constants are in docs/method.md, "Laboratory notes".
 */
import type { OPTIMISED_REQUESTS } from '../../bench/processes/v8-flags.ts';
import type { Pace } from './fork.ts';

/** An estimate of the time to start the servers of a fork and log in. */
const START_SECONDS_PER_SIDE = 0.8;
/** An estimate, for one turn. */
const TURN_SECONDS = 0.0045;
/**
 * Turns of 50 requests are shorter than those that measure a cost: the cold start of a turn is the same on both
 * sides, and pairs that are closer in time share more of the machine's state.
 */
const BATCHES_PER_TURN = 5;
/**
 * The budget should allow this many forks: a longer fork does not average out that a JIT settles differently each
 * time.
 */
const WANTED_FORKS = 9;
/**
 * The shortest warm-up for each side. Starts of a cold server differ several times as much as starts of a warm one, so a
 * short budget gets fewer forks rather than colder ones.
 */
const LEAST_WARM_UP_MS = 2_500;
/**
 * With more turns than this, a fork's ratio is more precise than starts are alike, so another fork adds more than
 * another turn.
 */
const MOST_TURNS = 180;
/** Fewer turns would save almost nothing compared with the time of a start. */
const FEWEST_TURNS = 90;

/** @param sides loaded together @param optimised whether every side has `ALIKE_OPTIMISED` */
export function paceFor(budgetSeconds: number, sides: number, optimised: keyof typeof OPTIMISED_REQUESTS): Pace {
  const perFork = budgetSeconds / WANTED_FORKS;
  const afterStart = Math.max(0.5, perFork - START_SECONDS_PER_SIDE * sides);
  const turns = Math.round((afterStart * 0.5) / (TURN_SECONDS * sides));
  return {
    optimised,
    warmUpMs: Math.max(LEAST_WARM_UP_MS * sides, afterStart * 1000 * 0.5),
    turns: Math.min(MOST_TURNS, Math.max(FEWEST_TURNS, turns)),
    batchesPerTurn: BATCHES_PER_TURN,
  };
}
