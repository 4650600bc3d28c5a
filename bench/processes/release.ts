/**
 * Programs that start only when they are released. If the parent is killed before the janitor knows a new process,
 * that process would live on for ever; a Redis with a truncated configuration would even serve on the default port.
 * So a shell starts in its place, and execs the program once it has read a line. If the parent is gone, the line
 * never arrives and the shell ends.
 */

/** What the parent writes once the janitor knows the process, before any input of the program. */
export const RELEASE = '\n';

/**
 * @param command the program and its arguments
 *
 * @param input whether the program reads what follows the line; false by default
 *
 * @returns the file and the arguments for `spawn`, with a pipe as standard input
 */
export function waitForRelease(
  command: readonly string[],
  input: 'input' | 'no input' = 'no input',
): [string, string[]] {
  const redirected = input === 'input' ? '' : ' </dev/null';
  return ['/bin/sh', ['-c', `read -r _ || exit; exec "$@"${redirected}`, 'sh', ...command]];
}
