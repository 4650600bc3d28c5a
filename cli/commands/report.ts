/** `npm run report -- DIR`: makes run.json from the journal again, and every report from run.json. */
import { relative, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { type FlagTable, helpText, parseFlags } from '../flags.ts';
import { openRun, RESULTS } from '../folder.ts';
import { printFaults } from '../terminal.ts';
import { rebuild } from './bench.ts';

const FLAGS = {
  json: { help: 'print the rebuilt result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

/** @returns the exit code */
export async function reportCommand(args: readonly string[]): Promise<ExitCode> {
  const parsed = parseFlags(args, FLAGS);
  if (parsed.switches.has('help')) {
    const purpose =
      'Rebuilds run.json from the journal of a run, and from it every report. DIR is results/latest by default.';
    process.stdout.write(helpText('npm run report -- [DIR] [flags]', purpose, FLAGS, []));
    return EXIT.done;
  }
  const faults = [...parsed.faults];
  if (parsed.positionals.length > 1) faults.push(`one folder at a time: ${parsed.positionals.join(' ')}`);
  if (faults.length > 0) {
    printFaults(faults, 'npm run report -- --help lists every flag');
    return EXIT.usage;
  }
  const directory = resolve(parsed.positionals[0] ?? `${RESULTS}/latest`);
  openRun(directory, 'report');
  const run = await rebuild(directory);
  const shown = relative(process.cwd(), directory) || '.';
  process.stdout.write(
    parsed.switches.has('json') ? `${JSON.stringify({ directory: shown, ...run })}\n` : `${shown}/report.html\n`,
  );
  return EXIT.done;
}
