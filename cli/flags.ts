/** Command-line flags: one table per command gives the parser, the help and the faults, all at once. Pure. */
import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';

export interface FlagSpec {
  /** What stands after it, such as `LIST`; absent for a switch. */
  readonly value?: string;
  readonly help: string;
}

export type FlagTable = Readonly<Record<string, FlagSpec>>;

export interface ParsedFlags {
  readonly values: Readonly<Record<string, string>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
  /** Each a whole sentence that names the flag. */
  readonly faults: readonly string[];
}

/** `did you mean "toll"?`, or the whole list where nothing is near. */
export function nearest(wrong: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const best = closest(wrong, [...known]);
  if (distance(wrong, best) <= Math.max(2, Math.floor(best.length / 2))) return `did you mean ${best}?`;
  return `there are: ${known.join(', ')}`;
}

export function parseFlags(argv: readonly string[], table: FlagTable): ParsedFlags {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [
      name,
      { type: spec.value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const positionals: string[] = [];
  const faults: string[] = [];
  let afterUnknown = false;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // What follows an unknown flag may well be its value: one fault, not two.
      if (!afterUnknown) positionals.push(token.value);
      afterUnknown = false;
    }
    if (token.kind !== 'option') continue;
    afterUnknown = false;
    const spec = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (spec === undefined) {
      const known = Object.keys(table).map((name) => `--${name}`);
      faults.push(`${token.rawName} is no flag: ${nearest(token.rawName, known)}`);
      afterUnknown = true;
    } else if (spec.value === undefined) {
      if (token.value !== undefined) faults.push(`--${token.name} is a switch and takes no value`);
      switches.add(token.name);
    } else if (
      token.value === undefined ||
      token.value === '' ||
      (!token.inlineValue && token.value.startsWith('--'))
    ) {
      faults.push(`--${token.name} needs a value: --${token.name} ${spec.value}`);
    } else {
      if (values[token.name] !== undefined) faults.push(`--${token.name} is given twice`);
      values[token.name] = token.value;
    }
  }
  return { values, switches, positionals, faults };
}

/** The help page of a command. */
export function helpText(usage: string, purpose: string, table: FlagTable, notes: readonly string[]): string {
  const left = Object.entries(table).map(
    ([name, spec]) => `  --${name}${spec.value === undefined ? '' : ` ${spec.value}`}`,
  );
  const width = Math.max(...left.map((text) => text.length)) + 2;
  const rows = Object.values(table).map((spec, i) => `${(left[i] ?? '').padEnd(width)}${spec.help}`);
  return [usage, '', purpose, '', ...rows, ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}
