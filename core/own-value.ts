/** Tables that are asked for names from elsewhere. Pure. */

/** The value of a table under a name that may be anything, even one that every object inherits, such as `constructor`. */
export function ownValue<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
