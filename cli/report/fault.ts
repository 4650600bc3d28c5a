/** An error that the user caused, in a form that threads can send: a message between them loses its class. */
import { type ExitCode, TollgateError, UsageError } from '../../core/errors.ts';

export interface Fault {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string;
  /** All faults of a wrong usage; null for any other. */
  readonly faults: readonly string[] | null;
}

/** @throws the error unless the user caused it */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof TollgateError)) throw error;
  const { exitCode, message, hint } = error;
  return { exitCode, message, hint, faults: error instanceof UsageError ? error.faults : null };
}

export const errorOf = ({ exitCode, message, hint, faults }: Fault): TollgateError =>
  faults === null ? new TollgateError(exitCode, message, hint) : new UsageError(faults, hint);
