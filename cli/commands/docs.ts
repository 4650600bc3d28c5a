/** `npm run docs`: writes the generated parts of README.md and docs/ again. A test fails while they are out of date. */
import { join } from 'node:path';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT } from '../../core/errors.ts';
import { writeWhole } from '../../core/whole-file.ts';
import type { Command } from '../command.ts';
import { ROOT, renderPages } from '../docs/pages.ts';
import { print } from '../output.ts';

export const docs: Command = {
  flags: {},
  examples: [{ args: '', does: 'prints the pages that have changed' }],
  async run({ refuseFaults }) {
    refuseFaults();
    for (const { path, before, after } of renderPages(await describeArms())) {
      if (after === before) continue;
      writeWhole(join(ROOT, path), after);
      print(path);
    }
    return EXIT.done;
  },
};
