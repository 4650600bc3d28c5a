/** Errors that end as one clear line. Each kind has its exit code; `hint` says what to do. */

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, environment: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A fault that the user can do something about: its message names the fault, `hint` the way out. */
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

/** The machine lacks something, or something on it stands in the way. */
export function environmentError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.environment, message, hint);
}

/** What was measured broke while it was measured. */
export function runError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.failed, message, hint);
}

export function usageError(message: string, hint: string): TollgateError {
  return new TollgateError(EXIT.usage, message, hint);
}

/** One line of an unknown throwable. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
