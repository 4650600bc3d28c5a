/** The command line: which command, Ctrl-C, exit codes. */

import { EXIT, type ExitCode, TollgateError } from '../core/errors.ts';
import { aaCommand } from './commands/aa.ts';
import { benchCommand } from './commands/bench.ts';
import { bisectCommand } from './commands/bisect.ts';
import { compareCommand } from './commands/compare.ts';
import { gateCommand } from './commands/gate.ts';
import { historyCommand } from './commands/history.ts';
import { microCommand } from './commands/micro.ts';
import { reportCommand } from './commands/report.ts';
import { nearest } from './flags.ts';
import { printError, printNote } from './terminal.ts';

type Command = (args: readonly string[], signal: AbortSignal) => Promise<ExitCode>;

const COMMANDS: Readonly<Record<string, Command>> = {
  bench: benchCommand,
  aa: aaCommand,
  bisect: bisectCommand,
  compare: compareCommand,
  gate: gateCommand,
  history: historyCommand,
  micro: microCommand,
  report: reportCommand,
};

/** The first signal asks for an orderly end; the second ends at once, and the janitor cleans up behind us. */
function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      printNote('Stopping: what was measured is kept. Once more to stop at once.');
      controller.abort();
    });
  }
  return controller.signal;
}

async function main(): Promise<ExitCode> {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    process.stderr.write(`tollgate: ${JSON.stringify(name)} is no command; ${nearest(name, Object.keys(COMMANDS))}\n`);
    return EXIT.usage;
  }
  const signal = listenForSignals();
  try {
    return await command(args, signal);
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    printError(error);
    return error instanceof TollgateError ? error.exitCode : EXIT.failed;
  }
}

process.exit(await main());
