#!/usr/bin/env node
/** `npm run claims [-- DIR] [--json]`: the claims of the debate, each with its verdict on one run. */
import { parseArgs, styleText } from 'node:util';
import { ledgerOf } from '../../reports/claims/ledger.ts';
import { ledgerJson, ledgerText } from '../../reports/claims/print.ts';
import { readGateOf, readRun, UnreadableRun } from '../../reports/view/read.ts';

const USAGE = `Usage: npm run claims -- [DIR] [flags]

Judges every claim of the debate sessions versus tokens by the figures of a run. DIR is results/latest by default.

  --figures   print the figures that each verdict rests on, too
  --json      print {"runId", "claims"} with all of it
  --help      print this
`;

const DONE = 0;
const WRONG_USAGE = 2;
const MOST_COLUMNS = 110;
const LEAST_COLUMNS = 60;

interface Asked {
  readonly json: boolean;
  readonly figures: boolean;
}

/** @throws UnreadableRun */
async function print(runDir: string, { json, figures }: Asked): Promise<void> {
  const run = await readRun(runDir);
  const ledger = ledgerOf(run, readGateOf(runDir));
  if (json) {
    process.stdout.write(`${JSON.stringify(ledgerJson(run, ledger))}\n`);
    return;
  }
  const columns = Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, process.stdout.columns ?? MOST_COLUMNS));
  const paint = (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) =>
    styleText(style, text, { stream: process.stdout });
  process.stdout.write(ledgerText(run, ledger, { columns, figures, paint }));
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed: { values: { json?: boolean; figures?: boolean; help?: boolean }; positionals: string[] };
  try {
    const options = {
      json: { type: 'boolean' },
      figures: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
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
  if (positionals.length > 1) {
    process.stderr.write('Give the folder of one run, such as results/latest. See --help.\n');
    return WRONG_USAGE;
  }
  try {
    await print(positionals[0] ?? 'results/latest', { json: values.json ?? false, figures: values.figures ?? false });
    return DONE;
  } catch (error) {
    if (!(error instanceof UnreadableRun)) throw error;
    process.stderr.write(`${error.message}\n`);
    return WRONG_USAGE;
  }
}

process.exitCode = await main(process.argv.slice(2));
