/** Words of a command line that can be copied and run. Pure. */

/** A word as a POSIX shell reads it: in quotes unless it has none but harmless characters. */
export function shellWord(word: string): string {
  return /^[\w./:,=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
