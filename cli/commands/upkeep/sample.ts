/** `npm run sample`: makes a run the committed sample, so that readers see a real report before they run one. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../../core/errors.ts';
import type { Command } from '../../command.ts';
import { writePages } from '../../docs/write.ts';
import { print } from '../../output.ts';
import { LATEST } from '../../root.ts';
import { shownFolder } from '../../run-folder.ts';

const SAMPLE = fileURLToPath(new URL('../../../reports/sample', import.meta.url));
const FILES = ['run.json', 'report.html', 'summary.md', 'figures.csv', 'charts'];

export const sample: Command = {
  flags: {},
  positionals: [{ name: '[DIR]', help: `The folder of a finished run (default: ${LATEST}).` }],
  examples: [{ args: 'results/full', does: 'replaces reports/sample with that run' }],
  async run({ positionals: [given = LATEST], faults, refuseFaults, commands }) {
    const source = resolve(given);
    const missing = FILES.filter((name) => !existsSync(join(source, name)));
    if (missing.length > 0) faults.push(`${given} lacks ${missing.join(', ')}: name the folder of a finished run`);
    refuseFaults();
    rmSync(SAMPLE, { recursive: true, force: true });
    mkdirSync(SAMPLE, { recursive: true });
    for (const name of FILES) cpSync(join(source, name), join(SAMPLE, name), { recursive: true, dereference: true });
    print(`reports/sample now holds ${shownFolder(source)}`);
    // The figures in README are those of the sample.
    for (const path of await writePages(commands)) print(path);
    return EXIT.done;
  },
};
