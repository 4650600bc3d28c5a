#!/usr/bin/env node
/** `node cli/commands/build-report.ts RUN_DIR [--json]`: rebuilds the report of a run from its data. */
import { parseArgs } from 'node:util';
import { type BuiltReport, buildReport } from '../../reports/build.ts';
import { UnreadableRun } from '../../reports/view/read.ts';

const USAGE = `Usage: node cli/commands/build-report.ts RUN_DIR [--json]

Reads RUN_DIR/run.json and writes report.html, summary.md, figures.csv and charts/*.svg beside it.

  --json   print {"runId", "files"} instead of one line
  --help   print this
`;

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

function oneLine({ files }: BuiltReport): string {
  const charts = files.filter((file) => file.endsWith('.svg')).length;
  const others = files.filter((file) => !file.endsWith('.svg'));
  return `Wrote ${others.join(', ')} and ${charts} charts.\n`;
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed: { values: { json?: boolean; help?: boolean }; positionals: string[] };
  try {
    const options = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)} See --help.\n`);
    return WRONG_USAGE;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    return DONE;
  }
  const [runDir, ...rest] = positionals;
  if (runDir === undefined || rest.length > 0) {
    process.stderr.write('Give the folder of one run, such as results/latest. See --help.\n');
    return WRONG_USAGE;
  }
  try {
    const built = await buildReport(runDir);
    process.stdout.write(values.json ? `${JSON.stringify(built)}\n` : oneLine(built));
    return DONE;
  } catch (error) {
    if (error instanceof UnreadableRun) {
      process.stderr.write(`${error.message}\n`);
      return WRONG_USAGE;
    }
    if (error instanceof Error && 'syscall' in error) {
      process.stderr.write(
        `The report cannot be written: ${error.message}. Check the folder's permissions and space.\n`,
      );
      return FAILED;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
