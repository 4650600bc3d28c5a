/** What the user reads: results on stdout, all else on stderr; and the orderly end of the process. */
import { styleText } from 'node:util';
import { EXIT, type ExitCode, environmentError, messageOf, TollgateError, UsageError } from '../core/errors.ts';
import { inert, inertExceptStyles } from '../core/inert.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text if stderr is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Whether a stream is a terminal that shows colours, by NO_COLOR and FORCE_COLOR as Node reads them. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return styleText('bold', 'x', { stream }) !== 'x';
}

/** Everything that a terminal is given goes through here: it may be coloured, and moves no cursor. */
export function writeText(stream: NodeJS.WriteStream, text: string): void {
  stream.write(inertExceptStyles(text));
}

/** Prints a result. */
export function print(text: string): void {
  writeText(process.stdout, text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints a result for machines: one line. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printNote(text: string): void {
  writeText(process.stderr, `${paint('dim', inert(text))}\n`);
}

/** One line for each fault, then what to do about it. */
export function printError(error: unknown): void {
  const faults = error instanceof UsageError ? error.faults : [messageOf(error)];
  for (const fault of faults) writeText(process.stderr, `${paint('red', 'tollgate:')} ${inert(fault)}\n`);
  if (error instanceof TollgateError) writeText(process.stderr, `  ${inert(error.hint)}\n`);
}

/** Resolves once everything that was written has left the process, or can no longer be read by anyone. */
function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

const isClosedPipe = (error: Error) => 'code' in error && error.code === 'EPIPE';

/**
 * Watches the output of the process, which outlives the reader of a pipe, such as `head`. Call it before anything is
 * printed.
 * @returns a function that ends the process, but not before its output was read: a pipe takes only 64 KiB at once, and
 *   whatever still waits would be lost
 */
export function watchOutput(): (code: ExitCode) => Promise<never> {
  let fault: Error | null = null;
  process.stdout.on('error', (error: Error) => {
    if (!isClosedPipe(error)) fault ??= error;
  });
  process.stderr.on('error', () => {});
  return async (code) => {
    process.exitCode = code;
    await drain(process.stdout);
    if (fault !== null) {
      printError(environmentError(`the output cannot be written (${messageOf(fault)})`, 'free some space'));
      process.exitCode = EXIT.environment;
    }
    await drain(process.stderr);
    // A handle that something left open must not keep the process alive.
    process.exit();
  };
}
