/** An error of the user's making, in a form that threads can tell each other: a message between them keeps no class. */
import { type ExitCode, TollgateError, UsageError } from '../../core/errors.ts';

export interface Fault {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string;
  /** All faults of a wrong usage; null for any other. */
  readonly faults: readonly string[] | null;
}

/** @throws the error itself if it is none of the user's making */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof TollgateError)) throw error;
  const { exitCode, message, hint } = error;
  return { exitCode, message, hint, faults: error instanceof UsageError ? error.faults : null };
}

export const errorOf = ({ exitCode, message, hint, faults }: Fault): TollgateError =>
  faults === null ? new TollgateError(exitCode, message, hint) : new UsageError(faults, hint);
