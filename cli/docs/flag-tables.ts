/** The flags of every command, from the command table. */
import { markdownTable } from '../../core/text/markdown.ts';
import { type Command, type CommandEntry, GROUPS } from '../command.ts';
import { code } from './blocks.ts';

function usage(name: string, { positionals = [] }: Command): string {
  return code(['npm run', name, '--', '[flags]', ...positionals.map((positional) => positional.name)].join(' '));
}

async function section(entry: CommandEntry): Promise<string> {
  const command = await entry.load();
  const words = (command.positionals ?? []).map(({ name, help }) => [code(name), help]);
  const flags = Object.entries(command.flags).map(([name, { value, help }]) => [
    code(`--${name}${value === undefined ? '' : ` ${value}`}`),
    help,
  ]);
  const rows = [...words, ...flags];
  return [
    `### ${entry.name}`,
    `${entry.summary} Usage: ${usage(entry.name, command)}`,
    ...(rows.length === 0 ? [] : [markdownTable(['argument', 'effect'], rows)]),
  ].join('\n\n');
}

/** One section for each command, ordered by group. */
export async function flagTables(commands: readonly CommandEntry[]): Promise<string> {
  const ordered = GROUPS.flatMap((group) => commands.filter((entry) => entry.group === group));
  return (await Promise.all(ordered.map(section))).join('\n\n');
}
