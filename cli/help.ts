/** The help page of a command, and the list of all commands. Pure. */

import { type Command, type CommandEntry, type FlagTable, GROUPS } from './command.ts';
import { HELP_FLAG } from './parse/arguments.ts';

const EXIT_CODES = [
  'Exit codes: 0 success; 1 failure: an error, a failed check, an exceeded limit or a regression;',
  '2 wrong usage; 3 missing dependency; 130 interrupted.',
].join('\n');

/** Rows of two columns, the left one padded. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`.trimEnd());
}

export async function helpPage({ name, summary }: CommandEntry, command: Command): Promise<string> {
  const { positionals = [], examples } = command;
  const words = ['[flags]', ...positionals.map((positional) => positional.name)].join(' ');
  const table: FlagTable = { ...command.flags, ...HELP_FLAG };
  const flags = Object.entries(table).map(([flag, { value, help }]): [string, string] => [
    `${flag === 'help' ? '-h, ' : ''}--${flag}${value === undefined ? '' : ` ${value}`}`,
    help,
  ]);
  const blocks: string[][] = [
    [summary],
    [`Usage: npm run ${name} -- ${words}`],
    columns(positionals.map((positional) => [positional.name, positional.help])),
    columns(flags),
    ['Examples:', ...columns(examples.map(({ args, does }) => [typed(name, args), does]))],
    [...((await command.notes?.()) ?? [])],
    [EXIT_CODES],
  ];
  const shown = blocks.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const typed = (name: string, args: string) => (args === '' ? `npm run ${name}` : `npm run ${name} -- ${args}`);

export function commandList(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const groups = GROUPS.map((group) => [
    `${group}:`,
    ...commands
      .filter((entry) => entry.group === group)
      .map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
  ]);
  return [
    'Tollgate measures the cost of session and token authentication, side by side.',
    '',
    'Usage: npm run COMMAND -- [flags]',
    '',
    ...groups.flatMap((lines) => [...lines, '']),
    'npm run COMMAND -- --help describes the flags of a command and shows examples.',
    'npm run tollgate -- --version prints the version.',
    '',
  ].join('\n');
}
