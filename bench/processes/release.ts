/**
 * Programs that wait to be let go. A program that begins at once lives on for ever if its parent is killed before the janitor
 * knows it; a Redis that then finds its configuration cut off even serves on the port of anybody's Redis. So a shell begins in
 * its place, and becomes the program when it has read a line. If the parent is gone the line never comes, and the shell ends.
 */

/** What the parent writes, once the janitor knows the process, before all that the program is to read. */
export const RELEASE = '\n';

/**
 * @param command the program and its arguments
 * @param input whether the program reads what follows the line; by default it reads nothing
 * @returns the file and the arguments for `spawn`, whose standard input has to be a pipe
 */
export function waitForRelease(
  command: readonly string[],
  input: 'input' | 'no input' = 'no input',
): [string, string[]] {
  const redirected = input === 'input' ? '' : ' </dev/null';
  return ['/bin/sh', ['-c', `read -r _ || exit; exec "$@"${redirected}`, 'sh', ...command]];
}
