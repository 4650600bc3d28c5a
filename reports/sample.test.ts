import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readRun } from '../core/results/run-file.ts';
import { renderReport } from './build.ts';

const SAMPLE = fileURLToPath(new URL('sample', import.meta.url));

it('shows readers the sample in the words of this version', async () => {
  const { files } = await renderReport(readRun(SAMPLE), null);
  const summary = files.find(({ path }) => path === 'summary.md')?.content ?? '';
  // `vitest --update` renews it.
  await expect(summary).toMatchFileSnapshot(`${SAMPLE}/summary.md`);
});
