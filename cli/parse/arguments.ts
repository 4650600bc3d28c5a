/** The argument parser of every command. It reports all faults at once, with the same messages everywhere. Pure. */
import { parseArgs } from 'node:util';
import { nearest } from '../../core/text/nearest.ts';
import type { Command, Faults, FlagTable, Invocation } from '../command.ts';

export type Parsed = Omit<Invocation, 'args' | 'signal' | 'refuseFaults' | 'commands'> & {
  readonly wantsHelp: boolean;
};

/** Every command has it. */
export const HELP_FLAG = { help: { help: 'Print this help.' } } as const satisfies FlagTable;

export function parseArguments(argv: readonly string[], command: Pick<Command, 'flags' | 'positionals'>): Parsed {
  const table: FlagTable = { ...command.flags, ...HELP_FLAG };
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const pairs: Record<string, [string, string][]> = {};
  const positionals: string[] = [];
  const faults: Faults = [];
  let afterUnknown = false;
  /** The flag that still needs its second value. */
  let half: { readonly name: string; readonly first: string } | null = null;
  const refuseHalf = () => {
    if (half !== null) faults.push(`--${half.name} needs two values: --${half.name} ${table[half.name]?.value}`);
    half = null;
  };
  for (const token of tokens) {
    if (token.kind === 'positional' && half !== null) {
      const { name, first } = half;
      pairs[name] = [...(pairs[name] ?? []), [first, token.value]];
      half = null;
      continue;
    }
    refuseHalf();
    if (token.kind === 'positional') {
      // The word after an unknown option is probably its value: that is one fault, not two.
      if (!afterUnknown) positionals.push(token.value);
      afterUnknown = false;
    }
    if (token.kind !== 'option') continue;
    afterUnknown = false;
    const { name, value, rawName } = token;
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    if (flag === undefined) {
      faults.push(unknownOption(rawName, table));
      afterUnknown = true;
    } else if (flag.value === undefined) {
      if (value !== undefined) faults.push(`--${name} takes no value`);
      switches.add(name);
    } else if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('--'))) {
      faults.push(`--${name} needs a value: --${name} ${flag.value}`);
    } else if (flag.pair) {
      half = { name, first: value };
    } else {
      if (values[name] !== undefined) faults.push(`--${name} was given twice`);
      values[name] = value;
    }
  }
  refuseHalf();
  const expected = command.positionals ?? [];
  const most = expected.some(({ repeats }) => repeats) ? Number.POSITIVE_INFINITY : expected.length;
  // Commands that take a folder by a flag are called like those that take it by position.
  const instead = Object.hasOwn(table, 'run') && most === 0 ? '; name a run with --run DIR' : '';
  for (const word of positionals.slice(most)) faults.push(`unexpected argument ${JSON.stringify(word)}${instead}`);
  return { values, pairs, switches, positionals: positionals.slice(0, most), faults, wantsHelp: switches.has('help') };
}

function unknownOption(rawName: string, table: FlagTable): string {
  const known = Object.keys(table).map((name) => `--${name}`);
  return `unknown option ${rawName}: ${nearest(rawName, known)}`;
}
