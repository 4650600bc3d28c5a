/** Rewrites docs/published.md from the stored figures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../core/atomic-file.ts';
import { readMeasured } from '../../published/measured.ts';
import { publishedPage } from '../../published/page.ts';
import { PUBLISHED } from '../../published/registry.ts';
import { REPLAYS } from '../../published/replays/registry.ts';
import { ROOT } from '../root.ts';
import { fillBlocks } from './blocks.ts';

export const PUBLISHED_PAGE = 'docs/published.md';

export const publishedBlock = () => publishedPage(PUBLISHED, Object.values(REPLAYS), readMeasured(ROOT));

/** @returns the page's path */
export function writePublished(): string {
  const path = join(ROOT, PUBLISHED_PAGE);
  writeAtomically(path, fillBlocks(readFileSync(path, 'utf8'), { published: publishedBlock }));
  return PUBLISHED_PAGE;
}
