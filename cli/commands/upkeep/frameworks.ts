/** `npm run frameworks`: writes docs/frameworks.md from real runs of the examples. */
import { join } from 'node:path';
import { writeAtomically } from '../../../core/atomic-file.ts';
import { EXIT } from '../../../core/errors.ts';
import { EXAMPLES } from '../../../scripts/frameworks/examples.ts';
import { measureFrameworks } from '../../../scripts/frameworks/run.ts';
import type { Command } from '../../command.ts';
import { readStoreServer, STORE_SERVER, storeServerOf } from '../../options/store-server.ts';
import { print } from '../../output.ts';
import { readNames, readSeconds } from '../../parse/values.ts';
import { ROOT } from '../../root.ts';

const NAMES = EXAMPLES.map(({ name }) => name);

export const frameworks: Command = {
  flags: {
    examples: { value: 'LIST', help: 'Run only these, and print the page instead of writing it (default: all).' },
    budget: { value: 'TIME', help: 'Measure each for this time (default: 30s).' },
    ...STORE_SERVER,
  },
  examples: [
    { args: '', does: 'writes docs/frameworks.md, in about ten minutes' },
    { args: '--examples express-session --budget 20s', does: 'prints the page for one example' },
  ],
  notes: async () => ['Examples:', ...NAMES.map((name) => `  ${name}`)],
  async run({ values, faults, refuseFaults }) {
    const { examples, budget = '30s' } = values;
    const names = examples === undefined ? [] : readNames('examples', examples, NAMES, faults);
    readSeconds('budget', budget, faults);
    readStoreServer({ values, faults });
    refuseFaults();
    const page = await measureFrameworks(names, { budget, storeServer: await storeServerOf({ values }) });
    if (names.length > 0) print(page);
    else writeAtomically(join(ROOT, 'docs', 'frameworks.md'), page);
    return EXIT.done;
  },
};
