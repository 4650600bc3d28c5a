/** The interface of a micro-benchmark: one isolated primitive of a hot path. */

/** A store that a task uses, which must run alongside the suite. */
export type MicroStore = 'redis' | 'postgres';

/** The input of a task. */
export interface TaskContext {
  /** Null if the suite runs without Redis; tasks that need it are then skipped. */
  readonly redisUrl: string | null;
  /** The URL of PostgreSQL. */
  readonly postgresUrl: string | null;
  /** The prefix of every key that a task writes. */
  readonly keyPrefix: string;
  /** Consumes a result. Otherwise the optimising compiler could find the result unused and drop the work. */
  readonly keep: (result: unknown) => void;
}

export interface ReadyTask {
  /** Runs `operationsPerRun` operations: enough that the clock's own cost is negligible. */
  readonly run: () => void | Promise<void>;
  readonly operationsPerRun: number;
  /** Runs one operation on the next input; `done` gets an error if the result is wrong. */
  readonly once: (done: (error?: Error) => void) => void;
  /**
   * For a task that verifies: proves that its operation accepts genuine input and refuses altered input, since one
   * that does not would only be faster. @throws Error that names the failure
   */
  readonly prove?: () => void;
  readonly teardown?: () => Promise<void>;
}

export interface MicroTask {
  readonly name: string;
  /** One line that describes one operation. */
  readonly title: string;
  /** Null for one without a store. */
  readonly needs: MicroStore | null;
  /** Prepares inputs outside the measured time. */
  setup(context: TaskContext): ReadyTask | Promise<ReadyTask>;
}

/** The number of distinct inputs of a task: too many for caches or a branch predictor to learn. */
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

/** The number of inputs in a proof. */
const PROVED = 8;

/**
 * Like `cycle`, for an operation that verifies. @param mixed combines two genuine inputs into one that must be
 * refused, such as one's text with the other's signature @param isAccepted interprets the operation's result; an
 * exception always counts as a refusal
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
