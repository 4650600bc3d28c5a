/** `npm run docs`: rewrites the generated parts of README.md and docs/. A test fails while they are out of date. */
import { EXIT } from '../../../core/errors.ts';
import type { Command } from '../../command.ts';
import { writePages } from '../../docs/write.ts';
import { print } from '../../output.ts';

export const docs: Command = {
  flags: {},
  examples: [{ args: '', does: 'prints the pages that have changed' }],
  async run({ refuseFaults, commands }) {
    refuseFaults();
    for (const path of await writePages(commands)) print(path);
    return EXIT.done;
  },
};
