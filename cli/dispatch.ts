/** Finds the command of a command line, parses its arguments, runs it and prints its errors. */
import { EXIT, type ExitCode, TollgateError, UsageError } from '../core/errors.ts';
import { nearest } from '../core/text/nearest.ts';
import type { CommandEntry } from './command.ts';
import { commandList, helpPage } from './help.ts';
import { print, printError } from './output.ts';
import { checkoutFor } from './package/needs-checkout.ts';
import { parseArguments } from './parse/arguments.ts';
import { flagsTakenByNpm } from './parse/npm-flags.ts';
import { COMMANDS } from './registry.ts';
import { versionHere } from './version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** @param listen begins to listen for signals, once it is known whether the command stops in an orderly way */
type Listen = (stopsInOrder: boolean) => AbortSignal;

/** @returns the exit code */
export async function dispatch(argv: readonly string[], env: Environment, listen: Listen): Promise<ExitCode> {
  const [name, ...args] = argv;
  if (name === undefined || name.trim() === '' || name === '--help' || name === '-h' || name === 'help') {
    print(commandList(COMMANDS));
    return EXIT.done;
  }
  if (name === '--version') {
    print(versionHere());
    return EXIT.done;
  }
  try {
    return await runCommand(entryOf(name), args, env, listen);
  } catch (error) {
    printError(error);
    return error instanceof TollgateError ? error.exitCode : EXIT.failed;
  }
}

function entryOf(name: string): CommandEntry {
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const names = COMMANDS.map((known) => known.name);
  throw new UsageError(
    [`unknown command ${JSON.stringify(name)}: ${nearest(name, names)}`],
    'npm run tollgate lists all commands',
  );
}

async function runCommand(
  entry: CommandEntry,
  args: readonly string[],
  env: Environment,
  listen: Listen,
): Promise<ExitCode> {
  const { name } = entry;
  const command = await entry.load();
  const { wantsHelp, ...parsed } = parseArguments(args, command);
  if (wantsHelp) {
    print(await helpPage(entry, command));
    return EXIT.done;
  }
  if (entry.needsCheckout) checkoutFor(name);
  const taken = flagsTakenByNpm(name, args, command.flags, env);
  if (taken) throw new UsageError([`npm consumed ${taken.flags.join(', ')}`], `put -- first: ${taken.meant}`);
  const signal = listen(command.stopsInOrder === true);
  const refuseFaults = () => {
    if (parsed.faults.length > 0) throw new UsageError(parsed.faults, `npm run ${name} -- --help lists all flags`);
  };
  try {
    return await command.run({ ...parsed, args, refuseFaults, signal, commands: COMMANDS });
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
}
