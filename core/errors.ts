/** Errors that end as one clear line. Each kind has its exit code, and `hint` says what to do. */

/**
 * Exit codes of every command: `done`; `failed`, because something broke, a check failed, a limit was broken or
 * something got slower; `usage`, a wrong command line; `environment`, a missing dependency; `interrupted` by a signal.
 */
export const EXIT = { done: 0, failed: 1, usage: 2, environment: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A fault that the user can fix: the message names the fault, and `hint` says how to fix it. */
export class TollgateError extends Error {
  override readonly name: string = 'TollgateError';
  readonly exitCode: ExitCode;
  readonly hint: string;

  constructor(exitCode: ExitCode, message: string, hint: string) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** The machine lacks something that is needed. */
export function environmentError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.environment, message, hint);
}

/** Something broke while it was being measured. */
export function runError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.failed, message, hint);
}

export function usageError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.usage, message, hint);
}

/** Wrong usage, with every fault that was found. */
export class UsageError extends TollgateError {
  override readonly name: string = 'UsageError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[], hint: string) {
    super(EXIT.usage, faults.join('; '), hint);
    this.faults = faults;
  }
}

/** The first line of the message of whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/**
 * One failure after another, as what is to be thrown: the first, whose first line then says the other, too.
 * The reason of an abort stays as it is: its message is not its own, and nobody reads it.
 */
export function thenFailed(first: unknown, later: unknown): unknown {
  if (first === later || !(first instanceof Error) || !Object.hasOwn(first, 'message')) return first;
  const [line, ...more] = first.message.split('\n');
  first.message = [`${line}; after that: ${messageOf(later)}`, ...more].join('\n');
  return first;
}

/** Ends what a failure left behind. @returns what is to be thrown: the failure, and what the end failed with */
export async function afterEnding(failure: unknown, end: () => Promise<unknown>): Promise<unknown> {
  try {
    await end();
    return failure;
  } catch (later) {
    return thenFailed(failure, later);
  }
}

/**
 * Runs a body, and ends what it used, whatever happens.
 * @throws what the body failed with, and else what the end failed with: in a `finally` the end would hide the cause
 */
export async function thenEnding<Result>(body: () => Promise<Result>, end: () => Promise<unknown>): Promise<Result> {
  let result: Result;
  try {
    result = await body();
  } catch (error) {
    throw await afterEnding(error, end);
  }
  await end();
  return result;
}
