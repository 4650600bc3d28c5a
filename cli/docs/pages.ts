/** The pages with generated parts, and the generator of each part. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { readRun } from '../../core/results/run-file.ts';
import { renderTerminal } from '../../reports/exporters/terminal.ts';
import { buildView } from '../../reports/view/view.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { ROOT } from '../root.ts';
import { type Blocks, fillBlocks } from './blocks.ts';
import { PUBLISHED_PAGE, publishedBlock } from './published.ts';
import {
  armsTable,
  checksTable,
  experimentsTable,
  factorsTable,
  flagsTable,
  measuresTable,
  metricsTable,
  modesTable,
} from './registry-tables.ts';
import { sampleSource, sampleTable } from './sample-table.ts';

const SAMPLE = join(ROOT, 'reports', 'sample');
const TERMINAL_WIDTH = 100;

export const GENERATED_PAGES = [
  'README.md',
  'docs/arms.md',
  PUBLISHED_PAGE,
  'docs/reading-the-output.md',
  'docs/results-format.md',
  'docs/security-checks.md',
  'docs/settings.md',
] as const;

/** The sources of the generated parts, in addition to registries and the sample. */
export interface Sources {
  readonly arms: readonly ArmInfo[];
  /** The flags of every command, as Markdown. */
  readonly commandFlags: string;
}

export function blocksOf({ arms, commandFlags }: Sources): Blocks {
  return {
    sample: () => sampleTable(readRun(SAMPLE)),
    'sample-source': () => sampleSource(readRun(SAMPLE)),
    arms: () => armsTable(arms),
    checks: checksTable,
    experiments: () => experimentsTable(EXPERIMENTS),
    metrics: metricsTable,
    factors: factorsTable,
    flags: flagsTable,
    modes: modesTable,
    measures: measuresTable,
    terminal: terminalOfSample,
    'command-flags': () => commandFlags,
    published: publishedBlock,
  };
}

/** The terminal output at the end of the sample's run. */
function terminalOfSample(): string {
  const options = { colour: false, width: TERMINAL_WIDTH, directory: 'results/latest' };
  const lines = renderTerminal(buildView(readRun(SAMPLE)), options)
    .trim()
    .split('\n');
  return ['```text', ...lines.map((line) => line.trimEnd()), '```'].join('\n');
}

export interface Page {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** The current text of every page, and its intended text. */
export function renderPages(sources: Sources): Page[] {
  const blocks = blocksOf(sources);
  return GENERATED_PAGES.map((path) => {
    const before = readFileSync(join(ROOT, path), 'utf8');
    return { path, before, after: fillBlocks(before, blocks) };
  });
}
