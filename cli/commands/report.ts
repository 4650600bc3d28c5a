/**
 * `npm run report`: rebuilds run.json from the journal, and every report from run.json; for several runs, one report.
 */
import { join, resolve } from 'node:path';
import { writeAtomically } from '../../core/atomic-file.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import type { Command, Invocation } from '../command.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { print, printJson } from '../output.ts';
import { laySideBySide } from '../report/lay-side-by-side.ts';
import { makeReport } from '../report/make-report.ts';
import { LATEST, RESULTS } from '../root.ts';
import { shownFolder } from '../run-folder.ts';

/** More columns than this do not fit a page. */
const MOST_RUNS = 8;
const DEFAULT_OUT = `${RESULTS}/side-by-side`;

export const report: Command = {
  flags: {
    out: { value: 'DIR', help: `For several runs: write side-by-side.html and .md here (default: ${DEFAULT_OUT}).` },
    json: JSON_OUTPUT,
  },
  positionals: [
    {
      name: '[DIR …]',
      help: `The folder of a run (default: ${LATEST}), or several to compare side by side.`,
      repeats: true,
    },
  ],
  examples: [
    { args: '', does: 'the report of the latest run' },
    { args: 'results/full --json', does: 'the figures of another run, as JSON' },
    { args: 'results/monday results/friday', does: 'two runs side by side, with ratios if they are comparable' },
  ],
  stopsInOrder: true,
  async run(invocation) {
    const { positionals, values, switches, faults, refuseFaults, signal } = invocation;
    if (positionals.length > MOST_RUNS) faults.push(`${positionals.length} runs: compare at most ${MOST_RUNS}`);
    if (values.out !== undefined && positionals.length < 2) faults.push('--out needs two or more runs');
    refuseFaults();
    if (positionals.length > 1) return layOut(invocation);
    const [given = LATEST] = positionals;
    const directory = resolve(given);
    const run = await makeReport({ directory, command: 'report', keepsHeapSmall: true }, signal);
    const shown = shownFolder(directory);
    if (switches.has('json')) printJson({ directory: shown, ...run });
    else print(join(shown, 'report.html'));
    return EXIT.done;
  },
};

/** @throws TollgateError naming the first folder without a run; the signal's reason if it was aborted */
async function layOut({ positionals, values, switches, signal }: Invocation): Promise<ExitCode> {
  const { page, markdown, sentences, runs, rows } = await laySideBySide(positionals, signal);
  const out = values.out ?? DEFAULT_OUT;
  makeFolders(resolve(out));
  const path = join(out, 'side-by-side.html');
  writeAtomically(resolve(path), page);
  writeAtomically(resolve(out, 'side-by-side.md'), markdown);
  if (switches.has('json')) printJson({ file: path, runs, rows });
  else for (const line of [...sentences, path]) print(line);
  return EXIT.done;
}
