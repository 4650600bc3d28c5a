/** The output for the user: results on stdout, everything else on stderr; and the orderly exit of the process. */
import { styleText } from 'node:util';
import { EXIT, type ExitCode, environmentError, messageOf, TollgateError, UsageError } from '../core/errors.ts';
import { inert, inertExceptStyles } from '../core/inert.ts';
import { shortenValues } from '../core/text/shorten.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text if stderr is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Whether a stream is a terminal that shows colours, by NO_COLOR and FORCE_COLOR as Node reads them. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return styleText('bold', 'x', { stream }) !== 'x';
}

/** All terminal output passes through here: it may be coloured, but cannot move the cursor. */
export function writeText(stream: NodeJS.WriteStream, text: string): void {
  stream.write(inertExceptStyles(text));
}

const MOST_COLUMNS = 110;
const LEAST_COLUMNS = 60;

/** The columns of running text on stdout: longer lines are hard to read, and shorter ones cannot hold a table. */
export function textWidth(): number {
  return Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, process.stdout.columns ?? MOST_COLUMNS));
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

/** Names a file that was written. */
export function noteWritten(path: string): void {
  printNote(`Wrote ${path}.`);
}

/** One line for each fault, its long values cut, then what to do about it. */
export function printError(error: unknown): void {
  const faults = error instanceof UsageError ? error.faults : [messageOf(error)];
  for (const fault of faults)
    writeText(process.stderr, `${paint('red', 'tollgate:')} ${inert(shortenValues(fault))}\n`);
  if (error instanceof TollgateError) writeText(process.stderr, `  ${inert(error.hint)}\n`);
}

/** Resolves once all output has left the process, or can no longer be read. */
function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

const isClosedPipe = (error: Error) => 'code' in error && error.code === 'EPIPE';

/**
 * Observes the output of the process, which may outlive the reader of a pipe, such as `head`. Call it before anything
 * is printed. @returns a function that exits after the output was read: a pipe takes only 64 KiB at once, and the
 * rest would be lost
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
    // An open handle must not keep the process alive.
    process.exit();
  };
}
