/** What a micro-benchmark is: one primitive of a hot path, alone. */

/** A store that a task uses, which must run at the same time as the suite. */
export type MicroStore = 'redis' | 'postgres';

/** The input of a task. */
export interface TaskContext {
  /** Null where the suite runs without Redis; tasks that need it are then not set up. */
  readonly redisUrl: string | null;
  /** The URL of PostgreSQL. */
  readonly postgresUrl: string | null;
  /** The prefix of every key that a task writes. */
  readonly keyPrefix: string;
  /** Uses up a result. Without it the optimising compiler could find the result unused and drop the work. */
  readonly keep: (result: unknown) => void;
}

export interface ReadyTask {
  /** Does `operationsPerRun` operations: enough that the clock's own cost is small in comparison. */
  readonly run: () => void | Promise<void>;
  readonly operationsPerRun: number;
  /** Does one operation, on the next input; `done` is given an error where its answer is not what it must be. */
  readonly once: (done: (error?: Error) => void) => void;
  /**
   * For a task that verifies: proves that its operation accepts genuine input and refuses altered input, since one that
   * does not would only be faster. @throws Error that says which of the two fails
   */
  readonly prove?: () => void;
  readonly teardown?: () => Promise<void>;
}

export interface MicroTask {
  readonly name: string;
  /** One line: what one operation is. */
  readonly title: string;
  /** Null for one that asks no store. */
  readonly needs: MicroStore | null;
  /** Prepares inputs outside the measured time. */
  setup(context: TaskContext): ReadyTask | Promise<ReadyTask>;
}

/** How many different inputs a task cycles through, so that no cache and no branch predictor learns them. */
export const INPUTS = 512;

/** Runs a synchronous operation over the inputs in turn, `operationsPerRun` a run. */
export function cycle<T>(
  inputs: readonly T[],
  context: TaskContext,
  operation: (input: T) => unknown,
  operationsPerRun = 32,
): ReadyTask {
  let next = 0;
  const step = () => {
    context.keep(operation(inputs[next] as T));
    next = next + 1 === inputs.length ? 0 : next + 1;
  };
  return {
    operationsPerRun,
    run: () => {
      for (let done = 0; done < operationsPerRun; done++) step();
    },
    once: (done) => {
      step();
      done();
    },
  };
}

/** How many inputs a proof tries. */
const PROVED = 8;

/**
 * As `cycle`, for an operation that verifies.
 * @param mixed makes of two genuine inputs what must be refused, such as the one's text under the other's signature
 * @param isAccepted reads the operation's result; one that throws was refused in any case
 */
export function cycleVerifying<T>(
  inputs: readonly T[],
  context: TaskContext,
  operation: (input: T) => unknown,
  mixed: (one: T, other: T) => readonly T[],
  isAccepted: (result: unknown) => boolean = () => true,
): ReadyTask {
  const accepts = (input: T) => {
    try {
      return isAccepted(operation(input));
    } catch {
      return false;
    }
  };
  return {
    ...cycle(inputs, context, operation),
    prove: () => {
      for (const [i, one] of inputs.slice(0, PROVED).entries()) {
        if (!accepts(one)) throw new Error('it rejects valid input');
        const other = inputs[i + 1];
        if (other === undefined) continue;
        if (mixed(one, other).some(accepts)) throw new Error('it accepts altered input');
      }
    },
  };
}
