/** `npm run claims`: common claims, each with its verdict on one run. */
import { styleText } from 'node:util';
import { EXIT } from '../../core/errors.ts';
import { readGate } from '../../core/results/gate-file.ts';
import { readRun } from '../../core/results/run-file.ts';
import { ledgerOf } from '../../reports/claims/ledger.ts';
import { ledgerJson, ledgerText } from '../../reports/claims/print.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { print, printJson, textWidth } from '../output.ts';
import { LATEST } from '../root.ts';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export const claims: Command = {
  flags: {
    figures: { help: 'Also print the figures behind each verdict.' },
    json: JSON_OUTPUT,
  },
  positionals: [{ name: '[DIR]', help: `The folder of a run (default: ${LATEST}).` }],
  examples: [
    { args: '', does: 'the claims, judged by the latest run' },
    { args: 'results/full --figures', does: 'judged by another run, with the evidence' },
  ],
  async run({ positionals: [directory = LATEST], switches, refuseFaults }) {
    refuseFaults();
    const run = readRun(directory);
    const ledger = ledgerOf(run, readGate(directory));
    if (switches.has('json')) {
      printJson(ledgerJson(run, ledger));
      return EXIT.done;
    }
    const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });
    print(ledgerText(run, ledger, { columns: textWidth(), figures: switches.has('figures'), paint }));
    return EXIT.done;
  },
};
