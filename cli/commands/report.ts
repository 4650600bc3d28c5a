/** `npm run report`: makes run.json from the journal again, and every report from run.json. */
import { join, resolve } from 'node:path';
import { rebuild } from '../../bench/run/rebuild.ts';
import { EXIT } from '../../core/errors.ts';
import { buildReport } from '../build-report.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { print, printJson } from '../output.ts';
import { LATEST } from '../root.ts';
import { journalPath, openRun, shownFolder } from '../run-folder.ts';

export const report: Command = {
  flags: { json: JSON_OUTPUT },
  positionals: [{ name: '[DIR]', help: `The folder of a run (default: ${LATEST}).` }],
  examples: [
    { args: '', does: 'the report of the latest run' },
    { args: 'results/full --json', does: 'the figures of another run, for machines' },
  ],
  stopsInOrder: true,
  async run({ positionals: [given = LATEST], switches, refuseFaults, signal }) {
    refuseFaults();
    const directory = resolve(given);
    openRun(directory, 'report');
    const run = rebuild(directory, journalPath(directory));
    await buildReport(directory, run, signal);
    const shown = shownFolder(directory);
    if (switches.has('json')) printJson({ directory: shown, ...run });
    else print(join(shown, 'report.html'));
    return EXIT.done;
  },
};
