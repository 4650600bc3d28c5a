/** Quotes words of a command line for copying. Pure. */

/** A word in the syntax of a POSIX shell: quoted unless it contains only harmless characters. */
export function shellWord(word: string): string {
  return /^[\w./:,=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
