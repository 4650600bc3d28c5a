/** Cuts texts that are too long to read. Pure. */

/** Cuts a text to `most` characters, including the ellipsis. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A quoted value, or a word without spaces. */
const LONGEST_VALUE = 120;
/** A line of an error, with its hints. */
const LONGEST_LINE = 4_000;
const VALUES = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|[^\\s";,]{${LONGEST_VALUE + 1},}`, 'gs');

/** A line of an error in which every long value is cut; paths may be twice as long. */
export function shortenValues(line: string): string {
  const cut = line.replace(VALUES, (value) => {
    if (value.length <= (value.includes('/') ? 2 * LONGEST_VALUE : LONGEST_VALUE)) return value;
    return value.startsWith('"') ? `${shorten(value, LONGEST_VALUE - 1)}"` : shorten(value, LONGEST_VALUE);
  });
  return shorten(cut, LONGEST_LINE);
}
