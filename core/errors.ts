/** Errors that end as one clear line. Each kind has its exit code, and `hint` says what to do. */

/**
 * Exit codes of every command. `failed`: something broke, a check failed, a limit was exceeded or something got
 * slower. `usage`: a wrong command line. `environment`: a missing dependency.
 */
export const EXIT = { done: 0, failed: 1, usage: 2, environment: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error that the user can fix: the message names the problem, and `hint` says how to fix it. */
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

/** Hints that several errors share: for what was too slow, and for a message of another program. */
export const BUSY = 'stop other programs, or measure fewer arms, and run it again';
export const AS_IT_SAYS = 'correct what the message names, and run it again';

/** The machine lacks a dependency. */
export function environmentError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.environment, message, hint);
}

/** Something broke during a measurement. */
export function runError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.failed, message, hint);
}

export function usageError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.usage, message, hint);
}

/** Wrong usage, with all faults found. */
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
 * The error to throw after two failures: the first, with both messages on its first line. An abort reason is returned
 * unchanged: it is shared, and its message is never shown.
 */
export function thenFailed(first: unknown, later: unknown): unknown {
  if (first === later || !(first instanceof Error) || !Object.hasOwn(first, 'message')) return first;
  const [line, ...more] = first.message.split('\n');
  first.message = [`${line}; after that: ${messageOf(later)}`, ...more].join('\n');
  return first;
}

/**
 * Runs the cleanup after a failure. @returns the error to throw: the failure, combined with that of the cleanup if it
 * fails too
 */
export async function afterEnding(failure: unknown, end: () => Promise<unknown>): Promise<unknown> {
  try {
    await end();
    return failure;
  } catch (later) {
    return thenFailed(failure, later);
  }
}

/**
 * Runs a body and then each cleanup in turn, even if an earlier one fails. @throws the error of the body, combined with
 * those of the cleanups; with an `await` in `finally`, the error of a cleanup would hide it
 */
export async function thenEnding<Result>(
  body: () => Promise<Result>,
  ...ends: readonly (() => unknown)[]
): Promise<Result> {
  const [outcome] = await Promise.allSettled([(async () => body())()]);
  const failures: unknown[] = outcome.status === 'rejected' ? [outcome.reason] : [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (outcome.status === 'rejected' || failures.length > 0) throw failures.reduce(thenFailed);
  return outcome.value;
}
