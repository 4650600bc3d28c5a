/** `npm run docs`: writes the generated parts of README.md and docs/ again. A test fails while they are out of date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeArms } from '../../bench/run/arms.ts';
import { ROOT, renderPages } from './pages.ts';

for (const { path, before, after } of renderPages(await describeArms())) {
  if (after === before) continue;
  writeFileSync(join(ROOT, path), after);
  process.stdout.write(`${path}\n`);
}
