/** Thread entry: lays runs side by side, and writes nothing. */
import { resolve } from 'node:path';
import { readRun } from '../../core/results/run-file.ts';
import { type Row, sentences, sideBySide } from '../../reports/history/side-by-side.ts';
import { sideBySideMarkdown, sideBySidePage } from '../../reports/history/side-by-side-page.ts';
import { answer } from './answer.ts';
import { keepHeapSmall } from './small-heap.ts';

/** The runs as files and as data. */
export interface Laid {
  readonly page: string;
  readonly markdown: string;
  readonly sentences: readonly string[];
  readonly runs: readonly { readonly name: string; readonly runId: string; readonly notRanked: readonly string[] }[];
  readonly rows: readonly Row[];
}

function lay(names: readonly string[]): Laid {
  const found = sideBySide(names.map((name) => ({ name, run: readRun(resolve(name)) })));
  return {
    page: sideBySidePage(found),
    markdown: sideBySideMarkdown(found),
    sentences: sentences(found),
    runs: found.runs.map(({ name, run: { runId } }, i) => ({ name, runId, notRanked: found.reasons[i] ?? [] })),
    rows: found.rows,
  };
}

keepHeapSmall();
answer(lay);
