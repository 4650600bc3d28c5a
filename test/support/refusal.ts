/** What a command says before it measures anything. */
import type { Command } from '../../cli/command.ts';
import { parseArguments } from '../../cli/parse/arguments.ts';
import { messageOf, UsageError } from '../../core/errors.ts';

/** Any measurement would be interrupted at once, so that an error can only be one from before it. */
export async function refusalOf(command: Command, ...args: string[]): Promise<string> {
  const { wantsHelp: _, ...parsed } = parseArguments(args, command);
  const refuseFaults = () => {
    if (parsed.faults.length > 0) throw new UsageError(parsed.faults, 'see --help');
  };
  const signal = AbortSignal.abort(new Error('interrupted'));
  try {
    await command.run({ ...parsed, args, refuseFaults, signal, commands: [] });
  } catch (error) {
    return error instanceof UsageError ? error.faults.join('\n') : messageOf(error);
  }
  return '';
}
